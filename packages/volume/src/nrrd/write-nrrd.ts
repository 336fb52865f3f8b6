import { type Bytes, bytesFrom, streamOf } from '../byte-stream.ts';
import type { Volume } from '../volume.ts';
import { bytesOf, voxelTypeOf } from '../voxel-type.ts';
import { nrrdTypeName } from './nrrd-header.ts';

export interface WriteNrrdOptions {
  /** Default `gzip`. */
  readonly encoding?: 'raw' | 'gzip';
  /** Default true. `nrrd-js`, which OHIF reads with, cannot read them: its quoted strings fail. */
  readonly spaceUnits?: boolean;
}

/** Writes a NRRD file in space left-posterior-superior, little endian; time and components are its last axes. */
export async function writeNrrd(
  volume: Volume,
  { encoding = 'gzip', spaceUnits = true }: WriteNrrdOptions = {},
): Promise<Bytes> {
  const header = new TextEncoder().encode(headerOf(volume, encoding, spaceUnits));
  const plain = streamOf(bytesOf(volume.voxels));
  const data = await bytesFrom(encoding === 'gzip' ? plain.pipeThrough(new CompressionStream('gzip')) : plain);
  const file = new Uint8Array(header.length + data.length);
  file.set(header);
  file.set(data, header.length);
  return file;
}

function headerOf(volume: Volume, encoding: string, spaceUnits: boolean): string {
  const m = volume.voxelToLps.matrix;
  const column = (index: number): string => `(${m[index]},${m[index + 4]},${m[index + 8]})`;
  const extra = [
    { size: volume.timePoints, kind: 'time', spacing: volume.timeStepSeconds || 'nan' },
    { size: volume.components, kind: 'list', spacing: 'nan' },
  ].filter(({ size }) => size > 1);
  const lines = [
    'NRRD0005',
    `type: ${nrrdTypeName(voxelTypeOf(volume.voxels))}`,
    `dimension: ${3 + extra.length}`,
    'space: left-posterior-superior',
    `sizes: ${[...volume.size, ...extra.map(({ size }) => size)].join(' ')}`,
    `space directions: ${[column(0), column(1), column(2), ...extra.map(() => 'none')].join(' ')}`,
    `kinds: ${['domain', 'domain', 'domain', ...extra.map(({ kind }) => kind)].join(' ')}`,
    ...(spaceUnits ? ['space units: "mm" "mm" "mm"'] : []),
    'endian: little',
    `encoding: ${encoding}`,
    `space origin: ${column(3)}`,
  ];
  if (extra.length > 0) lines.splice(7, 0, `spacings: nan nan nan ${extra.map(({ spacing }) => spacing).join(' ')}`);
  return `${lines.join('\n')}\n\n`;
}

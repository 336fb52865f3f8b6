import { relative } from 'node:path';
import { type FileRecord, fileErrorOf, readFileBytes, sha256 } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import { assertSameGrid, createVolume, readVolume, spacingMm, type Volume, voxelsPerFrame } from '@vesalius/volume';
import { isPicture, readLabelPicture, readPicture } from '../pictures/read-picture.ts';
import type { Dataset, DatasetCase } from './dataset.ts';

export interface LoadedCase {
  readonly id: string;
  /** One 3-D volume a channel, all on one grid; 0 everywhere where it is missing. */
  readonly channels: readonly Volume[];
  /** On the same grid. */
  readonly label?: Volume;
  readonly files: readonly FileRecord[];
}

/** Affines are often stored as float32: differences below a hundredth of a voxel are rounding. */
const GRID_TOLERANCE = 0.01;

/**
 * Reads the scans of one case and makes sure that they belong together.
 *
 * @throws GEOMETRY_MISMATCH, NOT_FINITE, DATA_MISMATCH for a wrong number of channels, and what reading a file throws
 */
export async function readCase(
  dataset: Pick<Dataset, 'root' | 'channels'>,
  item: Pick<DatasetCase, 'id' | 'images' | 'label'>,
): Promise<LoadedCase> {
  const files: FileRecord[] = [];
  const read = async (path: string, as: 'image' | 'label'): Promise<Volume> => {
    const bytes = await readFileBytes(path);
    files.push({
      path: relative(dataset.root, path).replaceAll('\\', '/'),
      bytes: bytes.length,
      sha256: sha256(bytes),
    });
    return volumeOf(bytes, path, as);
  };
  const found: (readonly Volume[] | null)[] = [];
  const share = dataset.channels.length / item.images.length;
  for (const path of item.images)
    found.push(path === null ? null : splitChannels(await read(path, 'image'), path, share));
  const label = item.label === undefined ? undefined : splitChannels(await read(item.label, 'label'), item.label, 1)[0];
  const first = found.find((volumes) => volumes !== null)?.[0];
  if (!first)
    throw new VesaliusError('DATA_MISMATCH', { what: `images of case ${item.id}`, got: 0, expected: 'at least 1' });
  const channels = found.flatMap((volumes) => volumes ?? emptyOn(first));
  const fileOf = (channel: number): string => item.images[channel] ?? item.images[0] ?? item.id;
  const toleranceMm = GRID_TOLERANCE * Math.min(...spacingMm(first));
  for (const [i, channel] of channels.entries()) {
    assertFinite(channel.voxels, fileOf(i));
    assertSameGrid(first, channel, { toleranceMm, file: fileOf(i) });
  }
  if (label) assertSameGrid(first, label, { toleranceMm, file: item.label ?? item.id });
  return { id: item.id, channels, ...(label ? { label } : {}), files };
}

/** What stands for a channel that is missing. */
export function emptyOn({ size, voxelToLps }: Volume): Volume {
  return createVolume({ voxels: new Float32Array(size[0] * size[1] * size[2]), size, voxelToLps });
}

/** Missing, or as good as. */
export function isEmpty({ voxels }: Volume): boolean {
  return voxels.every((value: number | bigint) => Number(value) === 0);
}

async function volumeOf(bytes: Uint8Array, path: string, as: 'image' | 'label'): Promise<Volume> {
  try {
    if (!isPicture(path)) return await readVolume(bytes, path);
    return as === 'image' ? await readPicture(bytes, path) : await readLabelPicture(bytes, path);
  } catch (error) {
    throw fileErrorOf(error, path);
  }
}

/** The frames of a 4-D file, or its components, as 3-D volumes that share its memory; grey pictures serve as coloured ones too. */
function splitChannels(volume: Volume, file: string, expected: number): Volume[] {
  const got = volume.timePoints * volume.components;
  if (got === 1 && expected === 3 && isPicture(file)) return [volume, volume, volume];
  if (got !== expected) throw new VesaliusError('DATA_MISMATCH', { what: 'channels of the scan', got, expected, file });
  const { size, voxelToLps, voxels } = volume;
  const frame = voxelsPerFrame(volume);
  return Array.from({ length: got }, (_, i) =>
    createVolume({ voxels: voxels.subarray(i * frame, (i + 1) * frame), size, voxelToLps }),
  );
}

function assertFinite(voxels: Volume['voxels'], file: string): void {
  if (!(voxels instanceof Float32Array || voxels instanceof Float64Array)) return;
  let got = 0;
  for (const value of voxels) if (!Number.isFinite(value)) got++;
  if (got > 0)
    throw new VesaliusError('NOT_FINITE', { what: 'voxels that are NaN or infinite', got, expected: 0, file });
}

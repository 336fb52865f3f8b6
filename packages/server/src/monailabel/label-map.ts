import type { SegmentLabel } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import {
  createVolume,
  type Grid,
  readVolume,
  resampleLabels,
  sameGrid,
  type Volume,
  voxelsPerFrame,
} from '@vesalius/volume';
import type { FormFile } from './read-form.ts';

const RAW = /\.bin$/i;
/** Writers round places to float32. */
const TOLERANCE_MM = 0.01;

/**
 * A client's label file on the grid of its image. `.bin` is what OHIF sends: the bytes of the voxels alone, x fastest.
 *
 * @throws GEOMETRY_MISMATCH, LABEL_OUT_OF_RANGE, FILE_UNSUPPORTED, as `readVolume`
 */
export async function readLabelMap({ name, bytes }: Pick<FormFile, 'name' | 'bytes'>, grid: Grid): Promise<Uint8Array> {
  if (RAW.test(name)) {
    if (bytes.length === voxelsPerFrame(grid)) return new Uint8Array(bytes);
    throw new VesaliusError('GEOMETRY_MISMATCH', {
      what: 'bytes of a raw label map',
      got: bytes.length,
      expected: voxelsPerFrame(grid),
    });
  }
  const volume = await readVolume(bytes, name);
  if (volume.timePoints * volume.components !== 1)
    throw new VesaliusError('FILE_UNSUPPORTED', {
      what: 'label map of several layers',
      expected: 'segments that do not overlap',
    });
  const labels = createVolume({ voxels: toBytes(volume), size: volume.size, voxelToLps: volume.voxelToLps });
  if (sameGrid(grid, labels, TOLERANCE_MM)) return labels.voxels;
  return resampleLabels(labels, { ...grid, method: 'nearest' }).voxels;
}

function toBytes({ voxels }: Volume): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(voxels.length);
  for (let i = 0; i < bytes.length; i++) {
    const value = Number(voxels[i]);
    if (!Number.isInteger(value) || value < 0 || value > 255)
      throw new VesaliusError('LABEL_OUT_OF_RANGE', { what: 'value of a label map', got: value, expected: '0 to 255' });
    bytes[i] = value;
  }
  return bytes;
}

/** How often each value stands in a label map. */
function countValues(mask: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = 0; i < mask.length; i++) counts[mask[i] as number] = (counts[mask[i] as number] as number) + 1;
  return counts;
}

/** Mean place of the voxels of each value: `[x, y, z]` in voxels. */
export function centroidsOf(mask: Uint8Array, [nx, ny]: Grid['size']): ReadonlyMap<number, readonly number[]> {
  const sums = new Map<number, [number, number, number, number]>();
  for (let i = 0; i < mask.length; i++) {
    const value = mask[i] as number;
    if (value === 0) continue;
    const sum = sums.get(value) ?? [0, 0, 0, 0];
    sum[0] += i % nx;
    sum[1] += Math.floor(i / nx) % ny;
    sum[2] += Math.floor(i / (nx * ny));
    sum[3]++;
    sums.set(value, sum);
  }
  return new Map([...sums].map(([value, [x, y, z, n]]) => [value, [x, y, z].map((each) => Math.round(each / n))]));
}

/**
 * The classes of a label map: as the client names them in `label_info`, else as the project or the model does, else by number.
 *
 * @param info - `[{ name, idx, color }]`, as Slicer and OHIF send it
 */
export function segmentsOf(mask: Uint8Array, info: unknown, known: readonly SegmentLabel[] = []): SegmentLabel[] {
  const named = namedSegments(info);
  const counts = countValues(mask);
  const values = [...counts.keys()].filter((value) => value > 0 && ((counts[value] as number) > 0 || named.has(value)));
  return values.map((value) => {
    const byNumber = known.find((label) => label.value === value);
    const name = named.get(value) ?? byNumber?.name ?? `label ${value}`;
    const byName = known.find((label) => label.name.toLowerCase() === name.toLowerCase()) ?? byNumber;
    return { ...(byName?.name === name ? byName : {}), value, name, color: byName?.color ?? colorOf(value) };
  });
}

function namedSegments(info: unknown): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  if (!Array.isArray(info)) return names;
  for (const [i, item] of info.entries()) {
    const { name, idx = i + 1 } = (item ?? {}) as { name?: unknown; idx?: unknown };
    const value = Number(idx);
    if (typeof name === 'string' && name !== '' && Number.isInteger(value) && value > 0 && value < 256)
      names.set(value, name.slice(0, 64));
  }
  return names;
}

/** Colours far from each other: turns of the golden angle. */
function colorOf(value: number): string {
  const hue = (value * 137.508) % 360;
  const channel = (shift: number) => {
    const k = (shift + hue / 30) % 12;
    return Math.round(255 * (0.55 - 0.4 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return `#${[0, 8, 4].map((shift) => channel(shift).toString(16).padStart(2, '0')).join('')}`;
}

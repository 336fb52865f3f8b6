import type { Triple } from '@vesalius/volume';
import { boxOf, type LabelMap, labelIn, type Region } from './region.ts';

/** A label with only those of its parts that are joined by faces to at least so many voxels. */
export function withoutSmallParts(map: LabelMap, value: number, leastVoxels: number): Region | undefined {
  return keepParts(map, value, (parts) => parts.map((count) => count >= leastVoxels));
}

/** The largest part of a label alone. */
export function largestPart(map: LabelMap, value: number): Region | undefined {
  return keepParts(map, value, (parts) => {
    const largest = parts.indexOf(parts.reduce((most, count) => Math.max(most, count), 0));
    return parts.map((_, part) => part === largest);
  });
}

function keepParts(map: LabelMap, value: number, choose: (voxels: readonly number[]) => readonly boolean[]) {
  const box = boxOf(map, value);
  if (!box) return undefined;
  // With a border about it every voxel has all six neighbours.
  const region = labelIn(map, value, {
    from: box.from.map((v) => v - 1) as unknown as Triple,
    size: box.size.map((n) => n + 2) as unknown as Triple,
  });
  const { parts, voxels } = partsOf(region);
  const kept = Uint8Array.from([false, ...choose(voxels)], Number);
  const { bits } = region;
  for (let i = 0; i < bits.length; i++) bits[i] = kept[parts[i] as number] as number;
  return region;
}

/** The number of the part that each voxel is in, from 1, and how many voxels each part has. */
function partsOf({ bits, size }: Region): { readonly parts: Uint32Array; readonly voxels: number[] } {
  const parts = new Uint32Array(bits.length);
  const queue = new Uint32Array(bits.length);
  const voxels: number[] = [];
  for (let start = 0; start < bits.length; start++) {
    if (bits[start] !== 1 || parts[start] !== 0) continue;
    parts[start] = voxels.length + 1;
    queue[0] = start;
    voxels.push(spread({ bits, size, parts, queue }));
  }
  return { parts, voxels };
}

interface Spreading {
  readonly bits: Uint8Array;
  readonly size: Triple;
  readonly parts: Uint32Array;
  /** Begins with a voxel whose part's number is set. */
  readonly queue: Uint32Array;
}

/** Gives all that is joined to the first of the queue its number. @returns how many voxels these are */
function spread({ bits, size: [nx, ny], parts, queue }: Spreading): number {
  const part = parts[queue[0] as number] as number;
  const steps = [1, -1, nx, -nx, nx * ny, -nx * ny];
  let end = 1;
  for (let head = 0; head < end; head++)
    for (let k = 0; k < steps.length; k++) {
      const j = (queue[head] as number) + (steps[k] as number);
      if (bits[j] !== 1 || parts[j] !== 0) continue;
      parts[j] = part;
      queue[end++] = j;
    }
  return end;
}

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
  const region = labelIn(map, value, box);
  const { parts, voxels } = partsOf(region);
  const kept = choose(voxels);
  return { ...region, bits: Uint8Array.from(parts, (part) => Number(part > 0 && kept[part - 1])) } satisfies Region;
}

/** The number of the part that each voxel is in, from 1, and how many voxels each part has. */
function partsOf({ bits, size }: Region): { readonly parts: Uint32Array; readonly voxels: number[] } {
  const parts = new Uint32Array(bits.length);
  const queue = new Uint32Array(bits.reduce((sum, bit) => sum + bit, 0));
  const voxels: number[] = [];
  let end = 0;
  for (let start = bits.indexOf(1); start >= 0; start = bits.indexOf(1, start + 1)) {
    if (parts[start] !== 0) continue;
    const first = end;
    parts[start] = voxels.length + 1;
    queue[end++] = start;
    for (let head = first; head < end; head++)
      forNeighbours(queue[head] as number, size, (j) => {
        if (bits[j] !== 1 || parts[j] !== 0) return;
        parts[j] = voxels.length + 1;
        queue[end++] = j;
      });
    voxels.push(end - first);
  }
  return { parts, voxels };
}

function forNeighbours(i: number, [nx, ny, nz]: Triple, visit: (j: number) => void): void {
  const x = i % nx;
  const row = (i - x) / nx;
  const y = row % ny;
  const z = (row - y) / ny;
  if (x > 0) visit(i - 1);
  if (x < nx - 1) visit(i + 1);
  if (y > 0) visit(i - nx);
  if (y < ny - 1) visit(i + nx);
  if (z > 0) visit(i - nx * ny);
  if (z < nz - 1) visit(i + nx * ny);
}

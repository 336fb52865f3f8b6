import type { VoxelArray } from './volume.ts';
import { rawView } from './voxel-type.ts';

/** Which items of the source make up the target, axis by axis, the target's fastest axis first. */
export interface Strides {
  /** Up to five sizes of the target. */
  readonly sizes: readonly number[];
  /** Step in the source for one step along each axis of the target; negative for a flip. */
  readonly steps: readonly number[];
  /** Place in the source of the target's first item. */
  readonly start: number;
}

/** Copies items from strided places of the source to the target, in the target's order. */
export function gather(from: VoxelArray, into: VoxelArray, { sizes, steps, start }: Strides): void {
  const [source, target] = [rawView(from), rawView(into)];
  const [nx = 1, ny = 1, nz = 1, nt = 1, nc = 1] = sizes;
  const [sx = 0, sy = 0, sz = 0, st = 0, sc = 0] = steps;
  let to = 0;
  for (let c = 0; c < nc; c++) {
    for (let t = 0; t < nt; t++) {
      for (let z = 0; z < nz; z++) {
        for (let y = 0; y < ny; y++, to += nx) {
          copyRow(source, target, { from: start + c * sc + t * st + z * sz + y * sy, step: sx, to, count: nx });
        }
      }
    }
  }
}

interface Row {
  readonly from: number;
  readonly step: number;
  readonly to: number;
  readonly count: number;
}

function copyRow(source: VoxelArray, target: VoxelArray, { from, step, to, count }: Row): void {
  if (step === 1) {
    (target as Uint8Array).set((source as Uint8Array).subarray(from, from + count), to);
    return;
  }
  for (let i = 0, at = from; i < count; i++, at += step) target[to + i] = source[at] as number;
}

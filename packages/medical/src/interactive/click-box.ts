import type { Triple } from '@vesalius/volume';

/** A part of a volume, which may reach beyond it on every side. */
export interface Box {
  /** x, y, z of its first voxel. */
  readonly start: Triple;
  readonly size: Triple;
}

const WHOLE_UP_TO_PATCHES = 2;

interface BoxOptions {
  /** Of the training, x, y, z. */
  readonly patch: Triple;
  readonly divisor: Triple;
  /** What the box is about where it cannot hold all. */
  readonly voxel: Triple | undefined;
}

/** The whole volume in the middle of a box the network can take, or of a large volume a patch about a voxel. */
export function boxAbout(size: Triple, { patch, divisor, voxel }: BoxOptions): Box {
  const whole = patch.map((least, axis) => {
    const step = divisor[axis] as number;
    return Math.max(least, Math.ceil((size[axis] as number) / step) * step);
  }) as unknown as Triple;
  const product = (sizes: Triple): number => sizes[0] * sizes[1] * sizes[2];
  if (product(whole) <= WHOLE_UP_TO_PATCHES * product(patch)) return { start: centred(size, whole), size: whole };
  const start = patch.map((length, axis) => {
    const all = size[axis] as number;
    if (all <= length) return -Math.floor((length - all) / 2);
    const wanted = Math.round((voxel?.[axis] ?? all / 2) - length / 2);
    return Math.min(all - length, Math.max(0, wanted));
  });
  return { start: start as unknown as Triple, size: patch };
}

function centred(size: Triple, whole: Triple): Triple {
  return whole.map((length, axis) => -Math.floor((length - (size[axis] as number)) / 2)) as unknown as Triple;
}

/** The box out of `[C, nz, ny, nx]`, zeros beyond. */
export function cutBox(from: Float32Array, size: Triple, box: Box): Float32Array {
  const voxels = size[0] * size[1] * size[2];
  const inBox = box.size[0] * box.size[1] * box.size[2];
  const channels = from.length / voxels;
  const cut = new Float32Array(channels * inBox);
  forRows(size, box, (inVolume, at, length) => {
    for (let c = 0; c < channels; c++)
      cut.set(from.subarray(c * voxels + inVolume, c * voxels + inVolume + length), c * inBox + at);
  });
  return cut;
}

/** Puts a box of class numbers in its place; what reaches beyond the volume is dropped. */
export function pasteBox(into: Uint8Array, size: Triple, { box, values }: { box: Box; values: Uint8Array }): void {
  forRows(size, box, (inVolume, at, length) => into.set(values.subarray(at, at + length), inVolume));
}

/** Calls back for every row along x that volume and box share, with its place in each. */
function forRows(
  [nx, ny, nz]: Triple,
  { start: [x0, y0, z0], size: [bx, by, bz] }: Box,
  visit: (inVolume: number, inBox: number, length: number) => void,
): void {
  const first = Math.max(0, x0);
  const length = Math.min(nx, x0 + bx) - first;
  for (let z = Math.max(0, z0); z < Math.min(nz, z0 + bz); z++)
    for (let y = Math.max(0, y0); y < Math.min(ny, y0 + by); y++)
      visit(first + nx * (y + ny * z), first - x0 + bx * (y - y0 + by * (z - z0)), length);
}

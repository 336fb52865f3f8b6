import { Random } from '@vesalius/engine';
import { gaussianFilter } from '../gaussian-filter.ts';
import { type Size, spatialAxes } from '../sample.ts';
import type { RowCoordinates } from './row-coordinates.ts';
import type { Warp } from './spatial-transform.ts';
import { upsampleCubic } from './upsample-cubic.ts';

/** Offsets along the moving axes, on a lattice of `step` voxels. */
export interface DisplacementField {
  /** Moves each coordinate by the offset found at it. */
  displace(row: RowCoordinates): void;
}

/** Draws the field that a warp describes. */
export function createDisplacementField(warp: Warp): DisplacementField {
  return warp.kind === 'smoothed-noise' ? smoothedNoise(warp) : controlPoints(warp);
}

/**
 * White noise smoothed by a Gaussian has no detail finer than its sigma: a lattice of half a sigma carries it. Averaging over
 * a lattice cell of n voxels divides the noise's variance by n, which the amplitude makes up for.
 */
function smoothedNoise({ seed, size, magnitude, scale }: Warp): DisplacementField {
  const sigma = scale[0] as number;
  const step = Math.max(1, Math.floor(sigma / 2));
  const axes = spatialAxes(size);
  const lattice = size.map((n, axis) => (axes.includes(axis) ? Math.ceil((n - 1) / step) + 1 : 1)) as [
    number,
    number,
    number,
  ];
  const random = new Random(seed);
  const amplitude = magnitude / step ** (axes.length / 2);
  const offsets = axes.map(() => {
    const values = new Float32Array(lattice[0] * lattice[1] * lattice[2]);
    for (let i = 0; i < values.length; i++) values[i] = random.uniform(-amplitude, amplitude);
    gaussianFilter(values, lattice, { sigma: [sigma / step, sigma / step, sigma / step], truncated: 3 });
    return values;
  });
  return latticeField(offsets, lattice, step);
}

function controlPoints({ seed, size, magnitude, scale }: Warp): DisplacementField {
  const random = new Random(seed);
  const [distanceY, distanceX] = scale as [number, number];
  const rows = controlCount(size[1], distanceY);
  const columns = controlCount(size[2], distanceX);
  const offsets = [0, 1].map(() => {
    const coarse = random.fillNormal(new Float32Array(rows * columns), 0, magnitude);
    return upsampleCubic(coarse, { rows, columns, distanceY, distanceX, height: size[1], width: size[2] });
  });
  return latticeField(offsets, [1, size[1], size[2]], 1);
}

/** As many as reach over both ends, symmetric about the centre. */
function controlCount(length: number, distance: number): number {
  const half = (length - 1) / (2 * distance);
  return length % 2 === 0 ? Math.ceil(half + 0.5) * 2 + 2 : Math.ceil(half) * 2 + 3;
}

/** @param offsets - one array for each moving axis: y, x or z, y, x */
export function latticeField(offsets: readonly Float32Array[], lattice: Size, step: number): DisplacementField {
  const nodes = interleave(offsets);
  const [depth, height, width] = lattice;
  // To the next node: 0 along an axis that has one only.
  const stepZ = depth > 1 ? 4 * height * width : 0;
  const stepY = height > 1 ? 4 * width : 0;
  const stepX = width > 1 ? 4 : 0;
  const perVoxel = 1 / step;
  return {
    displace({ z, y, x }) {
      for (let i = 0; i < x.length; i++) {
        const fz = clamp((z[i] as number) * perVoxel, depth - 1);
        const fy = clamp((y[i] as number) * perVoxel, height - 1);
        const fx = clamp((x[i] as number) * perVoxel, width - 1);
        const iz = fz | 0;
        const iy = fy | 0;
        const ix = fx | 0;
        const wz = fz - iz;
        const wy = fy - iy;
        const wx = fx - ix;
        const p = 4 * ((iz * height + iy) * width + ix);
        const right = wx > 0 ? stepX : 0;
        const low = p + (wy > 0 ? stepY : 0);
        const far = wz > 0 ? stepZ : 0;
        const [a, b, c, d] = [(1 - wz) * (1 - wy), (1 - wz) * wy, wz * (1 - wy), wz * wy];
        const v = 1 - wx;
        const q = p + far;
        const lowFar = low + far;
        for (let axis = 0; axis < 3; axis++) {
          const line = axis === 0 ? z : axis === 1 ? y : x;
          line[i] =
            (line[i] as number) +
            a * (v * (nodes[p + axis] as number) + wx * (nodes[p + right + axis] as number)) +
            b * (v * (nodes[low + axis] as number) + wx * (nodes[low + right + axis] as number)) +
            c * (v * (nodes[q + axis] as number) + wx * (nodes[q + right + axis] as number)) +
            d * (v * (nodes[lowFar + axis] as number) + wx * (nodes[lowFar + right + axis] as number));
        }
      }
    },
  };
}

function clamp(value: number, last: number): number {
  return Math.max(Math.min(value, last), 0);
}

/** Offsets along z, y, x of a node side by side, in fours. */
function interleave(offsets: readonly Float32Array[]): Float32Array {
  const count = offsets[0]?.length ?? 0;
  const nodes = new Float32Array(4 * count);
  for (const [axis, values] of offsets.entries()) {
    const place = axis + 3 - offsets.length;
    for (let i = 0; i < count; i++) nodes[4 * i + place] = values[i] as number;
  }
  return nodes;
}

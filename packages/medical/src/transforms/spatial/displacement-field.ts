import { Random } from '../../random/random.ts';
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
  // Steps to the next node, 0 along an axis that has one only.
  const [stepZ, stepY, stepX] = [depth > 1 ? 4 * height * width : 0, height > 1 ? 4 * width : 0, width > 1 ? 4 : 0];
  return {
    displace({ z, y, x }) {
      for (let i = 0; i < x.length; i++) {
        const fz = clamp((z[i] as number) / step, depth - 1);
        const fy = clamp((y[i] as number) / step, height - 1);
        const fx = clamp((x[i] as number) / step, width - 1);
        const iz = Math.max(Math.min(fz | 0, depth - 2), 0);
        const iy = Math.max(Math.min(fy | 0, height - 2), 0);
        const ix = Math.max(Math.min(fx | 0, width - 2), 0);
        const [wz, wy, wx] = [fz - iz, fy - iy, fx - ix];
        const p = 4 * ((iz * height + iy) * width + ix);
        let [moveZ, moveY, moveX] = [0, 0, 0];
        for (let corner = 0; corner < 8; corner++) {
          const far = corner >> 2;
          const low = (corner >> 1) & 1;
          const right = corner & 1;
          const weight = (far ? wz : 1 - wz) * (low ? wy : 1 - wy) * (right ? wx : 1 - wx);
          const node = p + far * stepZ + low * stepY + right * stepX;
          moveZ += weight * (nodes[node] as number);
          moveY += weight * (nodes[node + 1] as number);
          moveX += weight * (nodes[node + 2] as number);
        }
        z[i] = (z[i] as number) + moveZ;
        y[i] = (y[i] as number) + moveY;
        x[i] = (x[i] as number) + moveX;
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

import { Random } from '../../random/random.ts';
import { gaussianFilter } from '../gaussian-filter.ts';
import { type Size, spatialAxes } from '../sample.ts';
import type { RowCoordinates } from './row-coordinates.ts';
import { createRow } from './row-coordinates.ts';
import { type Source, sampleRowLinear } from './sample-row.ts';
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
  let at = createRow(0);
  let moves: Float32Array[] = [];
  const sources = offsets.map((data): Source<Float32Array> => ({ data, start: 0, size: lattice, outside: 0 }));
  return {
    displace(row) {
      const { length } = row.x;
      if (at.x.length !== length) [at, moves] = [createRow(length), offsets.map(() => new Float32Array(length))];
      scaleInto(at.z, row.z, step, lattice[0] - 1);
      scaleInto(at.y, row.y, step, lattice[1] - 1);
      scaleInto(at.x, row.x, step, lattice[2] - 1);
      for (const [i, source] of sources.entries()) sampleRowLinear(source, at, moves[i] as Float32Array, 0);
      const lines = [row.z, row.y, row.x].slice(3 - moves.length);
      for (const [axis, line] of lines.entries()) addInto(line, moves[axis] as Float32Array);
    },
  };
}

function scaleInto(target: Float64Array, source: Float64Array, step: number, last: number): void {
  for (let i = 0; i < target.length; i++) target[i] = Math.min(Math.max((source[i] as number) / step, 0), last);
}

function addInto(target: Float64Array, moves: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) + (moves[i] as number);
}

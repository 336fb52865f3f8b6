import { VesaliusError } from '@vesalius/errors';
import { type DtwOptions, dtwPath } from './dtw.ts';
import type { Curve } from './dtw-band.ts';
import { type SoftDtwOptions, softDtw } from './soft-dtw.ts';

export interface BarycentreOptions {
  /** Where to begin; its length is the result's. The mean of the curves without it. */
  readonly start?: Curve;
  /** Default 50. */
  readonly iterations?: number;
}

/** Ends when a round gains less than this share. */
const LEAST_GAIN = 1e-9;

/**
 * The curve with the least sum of squared `dtw` distances to all, as far as averaging along the paths gets from its start.
 *
 * @throws INVALID_ARGUMENT without curves, SHAPE_MISMATCH when they differ in length and there is no start
 * @source Petitjean et al. 2011, DBA
 * @parity tslearn.barycenters.dtw_barycenter_averaging
 */
export function dtwBarycentre(
  curves: readonly Curve[],
  { start, iterations = 50, ...options }: BarycentreOptions & DtwOptions = {},
): Float64Array {
  let centre = beginning(curves, start);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < iterations; round++) {
    const sums = new Float64Array(centre.length);
    const counts = new Float64Array(centre.length);
    let total = 0;
    for (const curve of curves) {
      const { distance, first, second } = dtwPath(centre, curve, options);
      total += distance ** 2;
      for (let i = 0; i < first.length; i++) {
        const at = first[i] as number;
        sums[at] = (sums[at] as number) + (curve[second[i] as number] as number);
        counts[at] = (counts[at] as number) + 1;
      }
    }
    if (total >= best * (1 - LEAST_GAIN)) break;
    best = total;
    centre = sums.map((sum, i) => sum / (counts[i] as number));
  }
  return centre;
}

/**
 * The curve with the least sum of `softDtw` to all, by gradient descent with steps after Barzilai and Borwein.
 *
 * @throws INVALID_ARGUMENT without curves or gamma, SHAPE_MISMATCH when they differ in length and there is no start
 * @source Cuturi and Blondel 2017; Barzilai and Borwein 1988
 * @parity tslearn.barycenters.softdtw_barycenter
 */
export function softDtwBarycentre(
  curves: readonly Curve[],
  { start, iterations = 50, ...options }: BarycentreOptions & SoftDtwOptions,
): Float64Array {
  let here = objective(beginning(curves, start), curves, options);
  let step = 1 / (2 * curves.length);
  for (let round = 0; round < iterations; round++) {
    const next = downhill(here, step, (centre) => objective(centre, curves, options));
    if (next === undefined) break;
    const gain = here.value - next.value;
    const [moved, turned] = [minus(next.centre, here.centre), minus(next.gradient, here.gradient)];
    const bend = dot(moved, turned);
    step = bend > 0 ? dot(moved, moved) / bend : 2 * step;
    here = next;
    if (gain <= LEAST_GAIN * Math.abs(here.value)) break;
  }
  return here.centre;
}

interface Place {
  readonly centre: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

function objective(centre: Float64Array, curves: readonly Curve[], options: SoftDtwOptions): Place {
  const gradient = new Float64Array(centre.length);
  let value = 0;
  for (const curve of curves) {
    const one = softDtw(centre, curve, options);
    value += one.value;
    for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) + (one.gradient[i] as number);
  }
  return { centre, value, gradient };
}

/** A place below, the step halved until there is one; undefined where none is found. */
function downhill(here: Place, step: number, at: (centre: Float64Array) => Place): Place | undefined {
  const steepness = dot(here.gradient, here.gradient);
  for (let length = step; length > 1e-12 * step; length /= 2) {
    const next = at(here.centre.map((value, i) => value - length * (here.gradient[i] as number)));
    if (next.value <= here.value - 1e-4 * length * steepness) return next;
  }
  return undefined;
}

function beginning(curves: readonly Curve[], start: Curve | undefined): Float64Array {
  const [first] = curves;
  if (first === undefined)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'curves of a barycentre', got: 0, expected: 'at least 1' });
  if (start) return Float64Array.from(start);
  const other = curves.find(({ length }) => length !== first.length);
  if (other)
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'samples of a curve',
      got: other.length,
      expected: `${first.length}, or a start`,
    });
  return Float64Array.from(
    first,
    (_, i) => curves.reduce((sum, curve) => sum + (curve[i] as number), 0) / curves.length,
  );
}

function minus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - (b[i] as number));
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

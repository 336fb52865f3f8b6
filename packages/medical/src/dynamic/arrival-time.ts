import { VesaliusError } from '@vesalius/errors';
import { assertRising } from './arterial-input.ts';

export interface Arrival {
  /** When the curve leaves its baseline. */
  readonly seconds: number;
  /** Samples before it, at least one. */
  readonly baseline: number;
  /** Height of the rise over the scatter of the baseline and the rise about the lines. */
  readonly clearness: number;
}

/** Places tried between two samples. */
const PLACES = 8;
/** Samples past half of the height. */
const BEYOND = 4;

/**
 * When contrast arrives: the place from which a rise, after a flat line, explains the curve best up to half of its height.
 *
 * Sees nothing of the later course, so that washout does not move it; between samples it is found to an eighth of their distance.
 *
 * @throws SHAPE_MISMATCH for fewer than five samples or other than times, INVALID_ARGUMENT when times do not rise
 * @source Cheong et al. 2003, An automatic approach for estimating bolus arrival time in dynamic contrast MRI using piecewise continuous regression models
 */
export function arrivalOf(curve: ArrayLike<number>, seconds: Float64Array): Arrival {
  if (curve.length < 5 || curve.length !== seconds.length)
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'samples of a curve',
      got: curve.length,
      expected: `${seconds.length} as times, at least 5`,
    });
  assertRising(seconds);
  const end = firstHeight(curve);
  let best = { squares: Number.POSITIVE_INFINITY, seconds: Number.NaN, rise: 0 };
  for (let i = 0; i < end - 1; i++) {
    const [from, to] = [seconds[i] as number, seconds[i + 1] as number];
    for (let place = 0; place < PLACES; place++) {
      const at = from + ((to - from) * place) / PLACES;
      const fitted = hockeyStick(curve, seconds, { at, end });
      if (fitted.squares < best.squares) best = { ...fitted, seconds: at };
    }
  }
  const scatter = Math.sqrt(best.squares / Math.max(1, end - 2));
  const baseline = Math.max(1, seconds.findLastIndex((time) => time <= best.seconds) + 1);
  return {
    seconds: best.seconds,
    baseline,
    clearness: scatter > 0 ? best.rise / scatter : best.rise > 0 ? Infinity : 0,
  };
}

/** A few past the first sample at half of the way from the first samples to the highest mean of three. */
function firstHeight(curve: ArrayLike<number>): number {
  const mean = (i: number): number => ((curve[i - 1] as number) + (curve[i] as number) + (curve[i + 1] as number)) / 3;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < curve.length - 1; i++) highest = Math.max(highest, mean(i));
  const level = mean(1) + 0.5 * (highest - mean(1));
  for (let i = 3; i < curve.length - 1; i++) if (mean(i) >= level) return Math.min(curve.length, i + BEYOND);
  return curve.length;
}

/** Least squares of a height before a place and of a parabola that rises from there: contrast comes fast, then slower. */
function hockeyStick(
  curve: ArrayLike<number>,
  seconds: Float64Array,
  { at, end }: { at: number; end: number },
): { squares: number; rise: number } {
  // By x = seconds after the place and its square, both against the mean: a system of two unknowns.
  let [sumX, sumXx, sumXxx, sumXxxx, sumY, sumXy, sumXxy, sumYy] = [0, 0, 0, 0, 0, 0, 0, 0];
  const scale = (seconds[end - 1] as number) - at;
  for (let i = 0; i < end; i++) {
    const x = Math.max(0, ((seconds[i] as number) - at) / scale);
    const y = (curve[i] as number) - (curve[0] as number);
    sumX += x;
    sumXx += x * x;
    sumXxx += x * x * x;
    sumXxxx += x * x * x * x;
    sumY += y;
    sumXy += x * y;
    sumXxy += x * x * y;
    sumYy += y * y;
  }
  const [a, b, c] = [sumXx - (sumX * sumX) / end, sumXxx - (sumX * sumXx) / end, sumXxxx - (sumXx * sumXx) / end];
  const [u, v] = [sumXy - (sumX * sumY) / end, sumXxy - (sumXx * sumY) / end];
  const whole = sumYy - (sumY * sumY) / end;
  const determinant = a * c - b * b;
  let [first, second] =
    determinant > 1e-9 * a * c ? [(u * c - v * b) / determinant, (v * a - u * b) / determinant] : [u / a, 0];
  // Only what bends downwards, and is still rising in the middle of its way, is contrast that comes.
  if (second > 0 || first + second < 0) [first, second] = [a > 0 ? u / a : 0, 0];
  if (!(first > 0)) return { squares: whole, rise: 0 };
  return { squares: Math.max(0, whole - first * u - second * v), rise: first + second };
}

import { VesaliusError } from '@vesalius/errors';
import { assertGradientEcho } from './spoiled-gradient-echo.ts';

export interface T1FitOptions {
  /** One repetition time for all. */
  readonly repetitionSeconds: number;
  /** At least two. */
  readonly anglesDegrees: readonly number[];
  /** `linear` (quick) or `nonlinear` (least squares of the signals themselves); default `nonlinear`. */
  readonly fit?: 'linear' | 'nonlinear';
}

export interface T1 {
  /** Not a number where no T1 explains the signals. */
  readonly t1Seconds: number;
  readonly m0: number;
}

const ROUNDS = 50;
/** Between the places that a fit may begin at. */
const GRID = 0.5;
const NONE: T1 = { t1Seconds: Number.NaN, m0: Number.NaN };

/**
 * T1 from spoiled gradient echoes of several flip angles.
 *
 * The nonlinear fit minimizes over the decay in one repetition alone: the best magnetization for it is known in closed form.
 *
 * @returns a function of the signals in the order of the angles
 * @throws INVALID_ARGUMENT for fewer than two angles, or what cannot be
 * @source Fram et al. 1987; Deoni et al. 2003 (DESPOT1)
 * @parity dcmri.vfa_linear
 * @parity dcmri.vfa_nonlinear
 */
export function createT1Fit(options: T1FitOptions): (signals: ArrayLike<number>) => T1 {
  const { repetitionSeconds, anglesDegrees, fit = 'nonlinear' } = options;
  for (const flipAngleDegrees of anglesDegrees) assertGradientEcho({ repetitionSeconds, flipAngleDegrees });
  if (new Set(anglesDegrees).size < 2)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'flip angles of a T1 map',
      got: anglesDegrees,
      expected: 'at least two different ones',
    });
  const radians = anglesDegrees.map((angle) => (angle * Math.PI) / 180);
  const [sines, cosines] = [radians.map(Math.sin), radians.map(Math.cos)];
  return (signals) => {
    const decay = fit === 'linear' ? linearDecay(signals, sines, cosines) : refined(signals, { sines, cosines });
    if (!(decay > 0 && decay < 1)) return NONE;
    const slope = magnetization(signals, { sines, cosines, decay });
    return { t1Seconds: -repetitionSeconds / Math.log(decay), m0: slope / (1 - decay) };
  };
}

/** Slope of the line through signal / sine over signal / tangent. */
function linearDecay(signals: ArrayLike<number>, sines: readonly number[], cosines: readonly number[]): number {
  const n = sines.length;
  let [sumX, sumY, sumXx, sumXy] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const y = (signals[i] as number) / (sines[i] as number);
    const x = y * (cosines[i] as number);
    sumX += x;
    sumY += y;
    sumXx += x * x;
    sumXy += x * y;
  }
  return (n * sumXy - sumX * sumY) / (n * sumXx - sumX * sumX);
}

interface Decay {
  readonly sines: readonly number[];
  readonly cosines: readonly number[];
  readonly decay: number;
}

/** The factor before sine / (1 - decay cosine) that fits the signals best. */
function magnetization(signals: ArrayLike<number>, { sines, cosines, decay }: Decay): number {
  let [above, below] = [0, 0];
  for (let i = 0; i < sines.length; i++) {
    const shape = (sines[i] as number) / (1 - decay * (cosines[i] as number));
    above += shape * (signals[i] as number);
    below += shape * shape;
  }
  return above / below;
}

function squares(signals: ArrayLike<number>, at: Decay): number {
  const factor = magnetization(signals, at);
  let sum = 0;
  for (let i = 0; i < at.sines.length; i++) {
    const shape = (at.sines[i] as number) / (1 - at.decay * (at.cosines[i] as number));
    sum += ((signals[i] as number) - factor * shape) ** 2;
  }
  return sum;
}

/** Golden section over the logarithm of 1 - decay, which is about that of the repetition time over T1. */
function refined(
  signals: ArrayLike<number>,
  { sines, cosines }: { sines: readonly number[]; cosines: readonly number[] },
): number {
  const cost = (logRest: number): number => squares(signals, { sines, cosines, decay: 1 - Math.exp(logRest) });
  const middle = bestOfGrid(cost);
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [middle - GRID, Math.min(-1e-9, middle + GRID)];
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [costLeft, costRight] = [cost(left), cost(right)];
  for (let round = 0; round < ROUNDS && high - low > 1e-7; round++) {
    if (costLeft < costRight) {
      [high, right, costRight] = [right, left, costLeft];
      left = high - ratio * (high - low);
      costLeft = cost(left);
    } else {
      [low, left, costLeft] = [left, right, costRight];
      right = low + ratio * (high - low);
      costRight = cost(right);
    }
  }
  return 1 - Math.exp((low + high) / 2);
}

function bestOfGrid(cost: (logRest: number) => number): number {
  let [best, least] = [-5, Number.POSITIVE_INFINITY];
  for (let at = -9; at <= -0.5; at += GRID) {
    const here = cost(at);
    if (here < least) [best, least] = [at, here];
  }
  return best;
}

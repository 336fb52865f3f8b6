import { VesaliusError } from '@vesalius/errors';
import { arrivalOf } from './arrival-time.ts';
import { assertRising } from './arterial-input.ts';
import { dtwBarycentre } from './barycentre.ts';
import { dtwPath } from './dtw.ts';
import { sampleAt } from './sample-at.ts';

export interface AlignOptions {
  /** Rising times of the samples of every curve. */
  readonly seconds: Float64Array;
  /** `shift`: one delay; `monotone`: time may also run faster and slower, never back; default `shift`. */
  readonly map?: 'shift' | 'monotone';
  /** No time is moved further; default 40. */
  readonly mostSeconds?: number;
  /** For `monotone`: how dear it is to bend time, in variances of the curve a sample; default 0.05. */
  readonly stiffness?: number;
}

export interface Aligned {
  /** The curve on the reference's clock; its heights are its own. */
  readonly curve: Float64Array;
  /** For each sample of the reference, the time of the same event in the curve; never falls. */
  readonly times: Float64Array;
  /** How much later than the reference the curve comes. */
  readonly delaySeconds: number;
}

/** Fractions of a sample that delays are tried at. */
const PLACES = 4;
/** What comes later after the arrival says nothing of it, and differs with the type of the curve. */
const SEEN_SECONDS = 90;

/**
 * Brings a curve to the clock of another by time alone: shapes are compared whatever their height and foot, heights are kept.
 *
 * @throws SHAPE_MISMATCH when a curve has not as many samples as times, INVALID_ARGUMENT when times do not rise
 */
export function alignCurve(curve: Float64Array, reference: Float64Array, options: AlignOptions): Aligned {
  const { seconds, map = 'shift', mostSeconds = 40, stiffness = 0.05 } = options;
  assertRising(seconds);
  for (const one of [curve, reference])
    if (one.length !== seconds.length || one.length < 5)
      throw new VesaliusError('SHAPE_MISMATCH', {
        what: 'samples of a curve',
        got: one.length,
        expected: `${seconds.length} as times, at least 5`,
      });
  const delaySeconds = delayOf(curve, reference, { seconds, mostSeconds });
  const shifted = seconds.map((time) => time + delaySeconds);
  const times = map === 'shift' ? shifted : bent({ curve, reference, seconds, shifted, mostSeconds, stiffness });
  return { curve: sampleAt(curve, seconds, times), times, delaySeconds };
}

/**
 * Brings curves to one clock, that of their barycentre.
 *
 * @throws INVALID_ARGUMENT without curves; as `alignCurve`
 */
export function alignCurves(
  curves: readonly Float64Array[],
  options: AlignOptions,
): { readonly reference: Float64Array; readonly aligned: readonly Aligned[] } {
  const step = meanStep(options.seconds);
  const band = Math.ceil((options.mostSeconds ?? 40) / step);
  const reference = dtwBarycentre(curves.map(standardized), { band, iterations: 10 });
  return { reference, aligned: curves.map((curve) => alignCurve(curve, reference, options)) };
}

/** The delay at which the two have the highest correlation up to a while after the reference's arrival. */
function delayOf(
  curve: Float64Array,
  reference: Float64Array,
  { seconds, mostSeconds }: { seconds: Float64Array; mostSeconds: number },
): number {
  const step = meanStep(seconds) / PLACES;
  const span = (seconds.at(-1) as number) - (seconds[0] as number);
  const most = Math.floor(Math.min(mostSeconds, span / 2) / step);
  const end = arrivalOf(reference, seconds).seconds + SEEN_SECONDS;
  const last = seconds.findLastIndex((time) => time <= end);
  const scores = Array.from({ length: 2 * most + 1 }, (_, i) =>
    correlationAt(curve, reference, { seconds, last, delay: (i - most) * step }),
  );
  const best = scores.indexOf(Math.max(...scores));
  const [before, here, after] = [scores[best - 1], scores[best], scores[best + 1]];
  if (before === undefined || here === undefined || after === undefined) return (Math.max(0, best) - most) * step;
  const bend = before - 2 * here + after;
  return (best - most + (bend < 0 ? (0.5 * (before - after)) / bend : 0)) * step;
}

function correlationAt(
  curve: Float64Array,
  reference: Float64Array,
  { seconds, last, delay }: { seconds: Float64Array; last: number; delay: number },
): number {
  const [start, end] = [seconds[0] as number, seconds.at(-1) as number];
  const moved = sampleAt(
    curve,
    seconds,
    seconds.map((time) => time + delay),
  );
  let [n, sumX, sumY, sumXx, sumXy, sumYy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i <= last; i++) {
    const time = (seconds[i] as number) + delay;
    if (time < start || time > end) continue;
    const [x, y] = [moved[i] as number, reference[i] as number];
    n++;
    sumX += x;
    sumY += y;
    sumXx += x * x;
    sumXy += x * y;
    sumYy += y * y;
  }
  // Few samples agree by chance.
  if (n < last / 2) return -1;
  const spread = (n * sumXx - sumX * sumX) * (n * sumYy - sumY * sumY);
  return spread > 0 ? (n * sumXy - sumX * sumY) / Math.sqrt(spread) : 0;
}

interface Bending extends Required<Pick<AlignOptions, 'seconds' | 'mostSeconds' | 'stiffness'>> {
  readonly curve: Float64Array;
  readonly reference: Float64Array;
  readonly shifted: Float64Array;
}

/** What is left after the shift is bent along the cheapest path between the smoothed shapes. */
function bent({ curve, reference, seconds, shifted, mostSeconds, stiffness }: Bending): Float64Array {
  const moved = standardized(smoothed(sampleAt(curve, seconds, shifted)));
  const { first, second } = dtwPath(standardized(smoothed(reference)), moved, {
    band: Math.ceil(mostSeconds / meanStep(seconds)),
    stepPenalty: stiffness,
  });
  const sums = new Float64Array(seconds.length);
  const counts = new Float64Array(seconds.length);
  for (let i = 0; i < first.length; i++) {
    const at = first[i] as number;
    sums[at] = (sums[at] as number) + (shifted[second[i] as number] as number);
    counts[at] = (counts[at] as number) + 1;
  }
  return smoothed(sums.map((sum, i) => sum / (counts[i] as number)));
}

/** Mean of each sample and its neighbours; what never falls keeps so. */
function smoothed(values: Float64Array): Float64Array {
  return values.map((value, i) => ((values[i - 1] ?? value) + value + (values[i + 1] ?? value)) / 3);
}

function standardized(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (value - mean) / (spread || 1));
}

function meanStep(seconds: Float64Array): number {
  return ((seconds.at(-1) as number) - (seconds[0] as number)) / (seconds.length - 1);
}

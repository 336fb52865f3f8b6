import type { SampledGaussian } from './sampled-gaussian.ts';
import { normalTail } from './special-functions.ts';

/** How the privacy loss of one step is spread: `probabilities[i]` at the loss `(first + i) * interval`, the rest at infinity. */
export interface LossDistribution {
  readonly interval: number;
  readonly first: number;
  readonly probabilities: Float64Array;
  readonly infinity: number;
}

/** Whether one record is taken out of the data or put in: which of the two neighbours is true. */
export type Neighbour = 'removed' | 'added';

/** In standard deviations: what lies beyond, less than 1e-23, counts as lost. */
const REACH = 10;

/**
 * Privacy loss of one step on a grid of losses. What lies between two grid points is put on both, so that both neighbours keep their chances:
 * the tightest choice on a grid that never understates, and its error over many steps grows with the square of the interval.
 *
 * @source Doroshenko et al. 2022, Connect the dots; Zhu, Dong and Wang 2022 for the two neighbours
 */
export function lossDistribution(
  mechanism: Omit<SampledGaussian, 'steps'>,
  neighbour: Neighbour,
  interval: number,
): LossDistribution {
  const { noiseMultiplier: sigma, sampleRate: q } = mechanism;
  if (q === 0) return { interval, first: 0, probabilities: Float64Array.of(1), infinity: 0 };
  // Seen along the axis on which the loss grows. Removed: the mixture is true; added: the plain normal is.
  const lossAt = (x: number): number => {
    const log = logMixtureRatio(x, sigma, q);
    return neighbour === 'removed' ? log : -log;
  };
  const [from, to] = [-REACH * sigma, 1 + REACH * sigma];
  const ends = [lossAt(from), lossAt(to)].sort((a, b) => a - b) as [number, number];
  const first = Math.floor(ends[0] / interval);
  const last = Math.ceil(ends[1] / interval);
  const probabilities = new Float64Array(last - first + 1);
  const share = -Math.expm1(-interval);
  const axis: Axis = { sigma, q, neighbour, from, to };
  let below = chancesAt(placeOf(first * interval, axis), axis);
  for (let i = first; i < last; i++) {
    const above = chancesAt(placeOf((i + 1) * interval, axis), axis);
    const plain = between(below.plain, above.plain);
    const mixed = (1 - q) * plain + q * between(below.shifted, above.shifted);
    const [here, other] = neighbour === 'removed' ? [mixed, plain] : [plain, mixed];
    // Both neighbours' chances of the interval: a + b, and a e^-lower + b e^-upper.
    const lower = (other * Math.exp(i * interval) - here * Math.exp(-interval)) / share;
    const bounded = Math.min(here, Math.max(0, lower));
    probabilities[i - first] = (probabilities[i - first] as number) + bounded;
    probabilities[i - first + 1] = (probabilities[i - first + 1] as number) + here - bounded;
    below = above;
  }
  const { plain, shifted } = below;
  const beyond = neighbour === 'removed' ? (1 - q) * plain.above + q * shifted.above : plain.below;
  const kept = probabilities.reduce((sum, value) => sum + value, 0);
  // What was cut off at the low end has the lowest loss.
  probabilities[0] = (probabilities[0] as number) + Math.max(0, 1 - kept - beyond);
  return { interval, first, probabilities, infinity: beyond };
}

/** log((1 - q) + q N(x; 1, sigma) / N(x; 0, sigma)) */
function logMixtureRatio(x: number, sigma: number, q: number): number {
  const shift = (2 * x - 1) / (2 * sigma ** 2);
  if (q === 1) return shift;
  return shift > 0 ? shift + Math.log(q + (1 - q) * Math.exp(-shift)) : Math.log1p(q * Math.expm1(shift));
}

interface Axis {
  readonly sigma: number;
  readonly q: number;
  readonly neighbour: Neighbour;
  readonly from: number;
  readonly to: number;
}

/** Where on the axis the loss is so large. */
function placeOf(loss: number, { sigma, q, neighbour, from, to }: Axis): number {
  const log = neighbour === 'removed' ? loss : -loss;
  const excess = Math.expm1(log) + q;
  if (excess <= 0) return from;
  const place = sigma ** 2 * Math.log(excess / q) + 0.5;
  return Math.min(to, Math.max(from, place));
}

/** Chances of a normal number on either side of a place, each precise where it is small. */
interface Sides {
  readonly below: number;
  readonly above: number;
}

/** Of both normals, at 0 and at 1. */
function chancesAt(place: number, { sigma }: Axis): { readonly plain: Sides; readonly shifted: Sides } {
  return { plain: sidesOf(place / sigma), shifted: sidesOf((place - 1) / sigma) };
}

function sidesOf(x: number): Sides {
  const tail = normalTail(Math.abs(x));
  return x > 0 ? { below: 1 - tail, above: tail } : { below: tail, above: 1 - tail };
}

/** Taken on the side of the smaller tails, so that nothing cancels; in either order. */
function between(a: Sides, b: Sides): number {
  return Math.abs(a.below + b.below < 1 ? a.below - b.below : a.above - b.above);
}

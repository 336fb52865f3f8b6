import { fourierTransform, inverseFourierTransform } from './fourier.ts';
import { type LossDistribution, lossDistribution, type Neighbour } from './loss-distribution.ts';
import { assertAccountable, type SampledGaussian } from './sampled-gaussian.ts';

const INTERVAL = 1e-4;
/** Five times as quick, and at most a thousandth above. */
export const COARSE_INTERVAL = 5e-4;
/** Losses of all steps beyond the range that is kept are less likely than this, and count as lost. */
const CUT_OFF = 1e-15;
const MOST_VALUES = 2 ** 22;

/**
 * Epsilon by the distribution of the privacy loss over all steps: nearly exact, never below the truth by more than rounding. Of both
 * neighbouring data sets (a record more, a record less) the worse counts.
 *
 * @param delta - chance that epsilon does not hold
 * @param interval - between the losses that are told apart
 * @throws INVALID_ARGUMENT
 * @parity dp_accounting.pld.PLDAccountant()
 * @source Koskela et al. 2020; Doroshenko et al. 2022
 */
export function lossEpsilon(mechanisms: readonly SampledGaussian[], delta: number, interval = INTERVAL): number {
  assertAccountable(mechanisms, delta);
  const used = mechanisms.filter(({ steps, sampleRate }) => steps > 0 && sampleRate > 0);
  if (used.length === 0) return 0;
  return Math.max(
    ...(['removed', 'added'] as const).map((neighbour) => epsilonOf(used, { neighbour, delta, finest: interval })),
  );
}

interface Question {
  readonly neighbour: Neighbour;
  readonly delta: number;
  readonly finest: number;
}

function epsilonOf(mechanisms: readonly SampledGaussian[], { neighbour, delta, finest }: Question): number {
  for (let interval = finest; ; interval *= 2) {
    const parts = mechanisms.map(
      (mechanism): Repeated => ({
        distribution: lossDistribution(mechanism, neighbour, interval),
        times: mechanism.steps,
      }),
    );
    const range = rangeOf(parts);
    const size = 2 ** Math.ceil(Math.log2(range.last - range.first + 2));
    if (size > MOST_VALUES) continue;
    return epsilonAt(delta, compose(parts, range.first, size));
  }
}

interface Repeated {
  readonly distribution: LossDistribution;
  readonly times: number;
}

/** All losses one after the other: their spectra multiplied. What leaves the range on one side comes in on the other, and is counted as lost. */
function compose(parts: readonly Repeated[], first: number, size: number): LossDistribution {
  const real = new Float64Array(size).fill(1);
  const imaginary = new Float64Array(size);
  let finite = 1;
  let offset = 0;
  for (const { distribution, times } of parts) {
    const [re, im] = [new Float64Array(size), new Float64Array(size)];
    for (const [i, value] of distribution.probabilities.entries()) re[i % size] = (re[i % size] as number) + value;
    fourierTransform(re, im);
    for (let i = 0; i < size; i++) {
      const a = re[i] as number;
      const b = im[i] as number;
      const length = (a * a + b * b) ** (times / 2);
      const angle = Math.atan2(b, a) * times;
      const pr = length * Math.cos(angle);
      const pi = length * Math.sin(angle);
      const hr = real[i] as number;
      const hi = imaginary[i] as number;
      real[i] = hr * pr - hi * pi;
      imaginary[i] = hr * pi + hi * pr;
    }
    finite *= (1 - distribution.infinity) ** times;
    offset += distribution.first * times;
  }
  inverseFourierTransform(real, imaginary);
  const probabilities = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const at = (((first - offset + i) % size) + size) % size;
    probabilities[i] = Math.max(0, real[at] as number);
  }
  const interval = parts[0]?.distribution.interval ?? INTERVAL;
  return { interval, first, probabilities, infinity: 1 - finite + 2 * CUT_OFF };
}

/** The losses that all steps together reach with a chance worth counting, by Chernoff's bound on both sides. */
function rangeOf(parts: readonly Repeated[]): { readonly first: number; readonly last: number } {
  const interval = parts[0]?.distribution.interval ?? INTERVAL;
  const bound = (sign: 1 | -1): number => {
    let best = parts.reduce((sum, { distribution: { first, probabilities }, times }) => {
      const end = sign > 0 ? first + probabilities.length - 1 : first;
      return sum + sign * end * interval * times;
    }, 0);
    for (let t = 2 ** -6; t <= 2 ** 10; t *= 1.7) {
      const log = parts.reduce((sum, { distribution, times }) => sum + times * logMoment(distribution, sign * t), 0);
      best = Math.min(best, (log - Math.log(CUT_OFF)) / t);
    }
    return best;
  };
  return { first: -Math.ceil(bound(-1) / interval), last: Math.ceil(bound(1) / interval) };
}

/** Logarithm of the mean of e^(t loss). */
function logMoment({ interval, first, probabilities }: LossDistribution, t: number): number {
  const top = t > 0 ? (first + probabilities.length - 1) * interval * t : first * interval * t;
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++)
    sum += (probabilities[i] as number) * Math.exp((first + i) * interval * t - top);
  return top + Math.log(sum);
}

/** The smallest epsilon whose hockey-stick divergence is at most delta. */
function epsilonAt(delta: number, { interval, first, probabilities, infinity }: LossDistribution): number {
  if (infinity > delta) return Infinity;
  // Above a loss: the chance, and the chance weighted by e^(that loss - loss).
  let above = 0;
  let weighted = 0;
  for (let i = probabilities.length - 1; i >= 0; i--) {
    const loss = (first + i) * interval;
    // Of an epsilon between this loss and the next: delta(eps) = infinity + above - weighted e^(eps - next).
    const next = loss + interval;
    const atLoss = infinity + above - weighted * Math.exp(-interval);
    if (atLoss > delta) {
      const epsilon = next + Math.log((infinity + above - delta) / weighted);
      return Math.max(0, epsilon);
    }
    const value = probabilities[i] as number;
    weighted = weighted * Math.exp(-interval) + value;
    above += value;
    if (loss <= 0) return 0;
  }
  return 0;
}

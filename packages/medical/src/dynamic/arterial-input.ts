import { VesaliusError } from '@vesalius/errors';

/** Concentration in the plasma of a feeding artery, straight lines between its samples; before the first it is 0, after the last it stays. */
export interface ArterialInput {
  /** Where it comes from: `Parker 2006`, `measured`. */
  readonly name: string;
  /** Rising; the population's bolus arrives at 0. */
  readonly seconds: Float64Array;
  /** mM. */
  readonly plasma: Float64Array;
}

/** Share of red cells in the blood of large vessels. */
const HEMATOCRIT = 0.42;
const GAUSSIANS = [
  { area: 0.809, width: 0.0563, centre: 0.17046 },
  { area: 0.33, width: 0.132, centre: 0.365 },
];
const DECAY = { height: 1.05, perMinute: 0.1685, steepness: 38.078, onset: 0.483 };
const BEFORE_SECONDS = 10;
const FIRST_PASS_SECONDS = 60;
const FINE_STEP = 0.5;
const COARSE_STEP = 2;

/**
 * Concentration in the blood after a bolus that arrives at 0, mean of a population.
 *
 * @returns mM
 * @source Parker et al. 2006, Experimentally-derived functional form for a population-averaged high-temporal-resolution arterial input function
 * @parity dcmri.aif_parker
 */
export function parkerBlood(seconds: number): number {
  const t = seconds / 60;
  const decay = (DECAY.height * Math.exp(-DECAY.perMinute * t)) / (1 + Math.exp(-DECAY.steepness * (t - DECAY.onset)));
  return GAUSSIANS.reduce(
    (sum, { area, width, centre }) =>
      sum + (area / (width * Math.sqrt(2 * Math.PI))) * Math.exp(-((t - centre) ** 2) / (2 * width ** 2)),
    decay,
  );
}

/**
 * The population's input as lines, half a second long through the first pass.
 *
 * @param durationSeconds - after the arrival
 */
export function parkerInput(durationSeconds: number, hematocrit = HEMATOCRIT): ArterialInput {
  const seconds: number[] = [];
  for (let t = -BEFORE_SECONDS; t < durationSeconds; t += t < FIRST_PASS_SECONDS ? FINE_STEP : COARSE_STEP)
    seconds.push(t);
  seconds.push(durationSeconds);
  return {
    name: 'Parker 2006',
    seconds: Float64Array.from(seconds),
    plasma: Float64Array.from(seconds, (t) => parkerBlood(t) / (1 - hematocrit)),
  };
}

/**
 * An input measured in an artery.
 *
 * @param blood - mM, at the times
 * @throws SHAPE_MISMATCH when there are not as many, INVALID_ARGUMENT when times do not rise, NOT_FINITE
 */
export function measuredInput(
  seconds: ArrayLike<number>,
  blood: ArrayLike<number>,
  hematocrit = HEMATOCRIT,
): ArterialInput {
  if (seconds.length !== blood.length || seconds.length < 2)
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'samples of an arterial input',
      got: blood.length,
      expected: `${seconds.length} as times, at least 2`,
    });
  const input = {
    name: 'measured',
    seconds: Float64Array.from(seconds),
    plasma: Float64Array.from(blood, (value) => value / (1 - hematocrit)),
  };
  assertRising(input.seconds);
  if (!input.plasma.every(Number.isFinite))
    throw new VesaliusError('NOT_FINITE', { what: 'concentration of an arterial input' });
  return input;
}

/** @throws INVALID_ARGUMENT when a time is not after the one before it */
export function assertRising(seconds: Float64Array): void {
  const at = seconds.findIndex(
    (time, i) => !Number.isFinite(time) || time <= (seconds[i - 1] ?? Number.NEGATIVE_INFINITY),
  );
  if (at >= 0)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: `time ${at + 1} of a curve in seconds`,
      got: seconds[at],
      expected: 'later than the one before',
    });
}

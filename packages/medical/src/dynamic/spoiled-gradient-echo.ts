import { VesaliusError } from '@vesalius/errors';

/** How a spoiled gradient echo was measured. */
export interface GradientEcho {
  readonly repetitionSeconds: number;
  readonly flipAngleDegrees: number;
}

export interface ConcentrationOptions extends GradientEcho {
  /** Of the tissue before contrast. */
  readonly t1Seconds: number;
  /** Of the contrast agent, per mM and second; 4.5 where nothing is known. */
  readonly relaxivity?: number;
  /** Samples before the contrast arrives, whose mean is the signal without it. */
  readonly baseline: number;
}

/** Gadolinium chelates in plasma at 37 degrees lie between 3.5 and 5. */
export const DEFAULT_RELAXIVITY = 4.5;

/**
 * Signal in the steady state, without the decay over the echo time.
 *
 * @param m0 - signal of all magnetization
 * @throws INVALID_ARGUMENT when a time or an angle cannot be
 */
export function gradientEchoSignal(m0: number, t1Seconds: number, echo: GradientEcho): number {
  assertGradientEcho(echo);
  const e1 = Math.exp(-echo.repetitionSeconds / t1Seconds);
  const angle = (echo.flipAngleDegrees * Math.PI) / 180;
  return (m0 * Math.sin(angle) * (1 - e1)) / (1 - e1 * Math.cos(angle));
}

/**
 * Concentration of a contrast agent from the signal, by how much it shortens T1.
 *
 * @param out - mM; not a number where the signal is brighter than any T1 makes it
 * @throws INVALID_ARGUMENT when a time, an angle or the number of samples cannot be
 * @parity dcmri.conc_ss
 */
export function toConcentration(signal: ArrayLike<number>, out: Float64Array, options: ConcentrationOptions): void {
  const { t1Seconds, relaxivity = DEFAULT_RELAXIVITY, baseline, repetitionSeconds } = options;
  assertGradientEcho(options);
  if (!(t1Seconds > 0 && relaxivity > 0 && baseline >= 1 && baseline <= signal.length))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'T1 in seconds, relaxivity and samples before contrast',
      got: [t1Seconds, relaxivity, baseline],
      expected: 'above 0, no more samples than there are',
    });
  const cosine = Math.cos((options.flipAngleDegrees * Math.PI) / 180);
  const e10 = Math.exp(-repetitionSeconds / t1Seconds);
  let before = 0;
  for (let i = 0; i < baseline; i++) before += signal[i] as number;
  const perSignal = ((1 - e10) / (1 - e10 * cosine)) * (baseline / before);
  for (let i = 0; i < signal.length; i++) {
    const share = perSignal * (signal[i] as number);
    const rate = -Math.log((1 - share) / (1 - share * cosine)) / repetitionSeconds;
    out[i] = (rate - 1 / t1Seconds) / relaxivity;
  }
}

export function assertGradientEcho({ repetitionSeconds, flipAngleDegrees }: GradientEcho): void {
  if (repetitionSeconds > 0 && repetitionSeconds < 10 && flipAngleDegrees > 0 && flipAngleDegrees < 180) return;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: 'repetition time in seconds and flip angle in degrees',
    got: [repetitionSeconds, flipAngleDegrees],
    expected: 'between 0 and 10 s, between 0 and 180 degrees',
  });
}

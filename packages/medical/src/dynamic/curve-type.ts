/** 0: hardly any contrast; 1 to 3: types I (goes on rising), II (stays), III (washes out). */
export type CurveType = 0 | 1 | 2 | 3;

export interface CurveTypeOptions {
  /** When contrast arrives. */
  readonly arrivalSeconds: number;
  /** Samples before it. */
  readonly baseline: number;
  /** The early height is the highest within this time after the arrival; default 120. */
  readonly earlySeconds?: number;
  /** Share of the early height by which the end must lie above or below it; default 0.1. */
  readonly change?: number;
  /** Share of the baseline that the early height must reach above it; default 0.2. */
  readonly least?: number;
}

/** Samples whose mean is the end. */
const END = 5;

/**
 * How contrast comes and goes, by the early height above the baseline and the height at the end.
 *
 * @param signal - positive, with a baseline above 0
 * @source Kuhl et al. 1999, Dynamic breast MR imaging: are signal intensity time course data useful?
 */
export function curveType(signal: ArrayLike<number>, seconds: Float64Array, options: CurveTypeOptions): CurveType {
  const { arrivalSeconds, baseline, earlySeconds = 120, change = 0.1, least = 0.2 } = options;
  const before = meanOf(signal, 0, baseline);
  let early = Number.NEGATIVE_INFINITY;
  // Means of three samples: the highest of many noisy ones would always be early.
  for (let i = baseline; i < signal.length - 1 && (seconds[i] as number) <= arrivalSeconds + earlySeconds; i++)
    early = Math.max(early, meanOf(signal, Math.max(0, i - 1), i + 2));
  const height = early - before;
  if (!(before > 0 && height >= least * before)) return 0;
  const later = (meanOf(signal, Math.max(0, signal.length - END), signal.length) - early) / height;
  if (later > change) return 1;
  return later < -change ? 3 : 2;
}

function meanOf(values: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] as number;
  return sum / (to - from);
}

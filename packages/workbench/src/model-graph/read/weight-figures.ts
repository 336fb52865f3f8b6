import type { WeightValues } from './weight-values.ts';

/** What is shown of a weight's values. */
export interface WeightFigures {
  readonly count: number;
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  readonly deviation: number;
  readonly zeros: number;
  /** NaN and infinities; they count nowhere else but in `count`. */
  readonly notFinite: number;
  /** How many values lie in each of equal parts from `least` to `most`. */
  readonly histogram: readonly number[];
  readonly first: readonly number[];
}

const PARTS = 40;
const FIRST = 32;

/** Figures of a weight in two passes; the histogram's last part holds the largest value too. */
export function weightFigures(values: WeightValues): WeightFigures {
  const sums = sumsOf(values);
  const finite = values.length - sums.notFinite;
  const mean = finite === 0 ? Number.NaN : sums.sum / finite;
  const histogram = new Array<number>(PARTS).fill(0);
  const scale = sums.most > sums.least ? PARTS / (sums.most - sums.least) : 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    squares += (value - mean) ** 2;
    const part = Math.min(PARTS - 1, Math.floor((value - sums.least) * scale));
    histogram[part] = (histogram[part] as number) + 1;
  }
  return {
    count: values.length,
    least: finite === 0 ? Number.NaN : sums.least,
    most: finite === 0 ? Number.NaN : sums.most,
    mean,
    deviation: finite === 0 ? Number.NaN : Math.sqrt(squares / finite),
    zeros: sums.zeros,
    notFinite: sums.notFinite,
    histogram,
    first: Array.from(values.subarray(0, FIRST)),
  };
}

function sumsOf(values: WeightValues) {
  let [sum, zeros, notFinite, least, most] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) {
      notFinite++;
      continue;
    }
    sum += value;
    if (value === 0) zeros++;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { sum, zeros, notFinite, least, most };
}

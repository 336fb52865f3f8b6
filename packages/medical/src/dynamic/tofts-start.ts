import type { TissueResponse } from './tissue-response.ts';
import type { DelayRange, ToftsModel } from './tofts-fit.ts';

export interface ToftsStartOptions {
  readonly response: TissueResponse;
  readonly curve: Float64Array;
  readonly seconds: Float64Array;
  readonly model: ToftsModel;
  readonly delay: DelayRange;
}

const KEPS_PER_SECOND = [0.05 / 60, 0.2 / 60, 0.6 / 60, 2 / 60];
const DELAYS = 4;

interface Start {
  readonly at: number[];
  readonly squares: number;
}

/**
 * Where a fit begins: Ktrans (per second), ve, vp and the delay. For each delay of a few, Murase's linear fit gives a rate, and a grid
 * gives others; for a rate and a delay the best Ktrans and vp are known.
 *
 * @source Murase 2004, Efficient method for calculating kinetic parameters using T1-weighted dynamic contrast-enhanced MRI
 */
export function startOfTofts(options: ToftsStartOptions): number[] {
  const { from, to } = options.delay;
  const delays =
    from === to ? [from] : Array.from({ length: DELAYS }, (_, i) => from + ((to - from) * i) / (DELAYS - 1));
  let best: Start = { at: [0.001, 0.2, 0, from], squares: Number.POSITIVE_INFINITY };
  for (const delay of delays) {
    const linear = muraseRate(options, delay);
    for (const rate of linear > 0 && linear < 0.5 ? [linear, ...KEPS_PER_SECOND] : KEPS_PER_SECOND) {
      const start = withRate(options, rate, delay);
      if (start.squares < best.squares) best = start;
    }
  }
  return best.at;
}

/** Least squares of the curve by the integrals of the input and of itself, and by the input. */
function muraseRate({ response, curve, seconds, model }: ToftsStartOptions, delay: number): number {
  response.respond(0, delay);
  const size = model === 'extended' ? 3 : 2;
  const sums = Array.from({ length: size }, () => new Array<number>(size + 1).fill(0));
  let area = 0;
  for (let i = 0; i < curve.length; i++) {
    const value = curve[i] as number;
    if (i > 0) area += ((seconds[i] as number) - (seconds[i - 1] as number)) * 0.5 * (value + (curve[i - 1] as number));
    const columns = [response.retained[i] as number, -area, response.plasma[i] as number, value];
    if (size === 2) columns.splice(2, 1);
    for (let p = 0; p < size; p++) {
      const row = sums[p] as number[];
      for (let q = 0; q <= size; q++) row[q] = (row[q] as number) + (columns[p] as number) * (columns[q] as number);
    }
  }
  return secondUnknown(sums);
}

/** By Gauss-Jordan elimination; not a number where there is none. */
function secondUnknown(rows: number[][]): number {
  for (const [k, pivot] of rows.entries()) {
    const scale = pivot[k] as number;
    for (let c = k; c < pivot.length; c++) pivot[c] = (pivot[c] as number) / scale;
    for (const row of rows) {
      const factor = row[k] as number;
      if (row !== pivot)
        for (let c = k; c < row.length; c++) row[c] = (row[c] as number) - factor * (pivot[c] as number);
    }
  }
  return rows[1]?.at(-1) ?? Number.NaN;
}

/** The best Ktrans and vp, neither below 0. */
function withRate({ response, curve, model }: ToftsStartOptions, rate: number, delay: number): Start {
  response.respond(rate, delay);
  let [heldHeld, heldPlasma, plasmaPlasma, heldCurve, plasmaCurve, curveCurve] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < curve.length; i++) {
    const held = response.retained[i] as number;
    const plasma = response.plasma[i] as number;
    const value = curve[i] as number;
    heldHeld += held * held;
    heldPlasma += held * plasma;
    plasmaPlasma += plasma * plasma;
    heldCurve += held * value;
    plasmaCurve += plasma * value;
    curveCurve += value * value;
  }
  const determinant = heldHeld * plasmaPlasma - heldPlasma * heldPlasma;
  let ktrans = (heldCurve * plasmaPlasma - plasmaCurve * heldPlasma) / determinant;
  let vp = (plasmaCurve * heldHeld - heldCurve * heldPlasma) / determinant;
  if (model === 'tofts' || !(vp > 0)) [ktrans, vp] = [heldHeld > 0 ? heldCurve / heldHeld : 0, 0];
  if (!(ktrans > 0))
    [ktrans, vp] = [0, model === 'extended' && plasmaPlasma > 0 ? Math.max(0, plasmaCurve / plasmaPlasma) : 0];
  const squares =
    curveCurve -
    2 * (ktrans * heldCurve + vp * plasmaCurve) +
    ktrans * ktrans * heldHeld +
    2 * ktrans * vp * heldPlasma +
    vp * vp * plasmaPlasma;
  ktrans = Math.min(5 / 60, Math.max(1e-6, ktrans));
  return { at: [ktrans, Math.min(1, Math.max(0.001, ktrans / rate)), Math.min(1, vp), delay], squares };
}

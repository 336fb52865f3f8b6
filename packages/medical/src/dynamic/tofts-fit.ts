import { VesaliusError } from '@vesalius/errors';
import { type ArterialInput, assertRising } from './arterial-input.ts';
import { createTissueResponse, type TissueResponse } from './tissue-response.ts';
import { startOfTofts } from './tofts-start.ts';

/** `tofts`: no plasma in the tissue; `extended`: with it. */
export type ToftsModel = 'tofts' | 'extended';

export interface ToftsFitOptions {
  readonly input: ArterialInput;
  /** Of the samples; on the clock of the input when the delay is 0. */
  readonly seconds: Float64Array;
  /** Default `extended`. */
  readonly model?: ToftsModel;
}

/** Bounds of the delay between the input and the tissue: equal where it is known. */
export interface DelayRange {
  readonly from: number;
  readonly to: number;
}

/** What a tissue curve says of its vessels. */
export interface ToftsParameters {
  readonly ktransPerMinute: number;
  /** Share of the tissue that is space outside cells and vessels. */
  readonly ve: number;
  readonly kepPerMinute: number;
  /** Share of the tissue that is plasma. */
  readonly vp: number;
  readonly delaySeconds: number;
  /** Root of the mean squared difference between the curve and the model, mM. */
  readonly residual: number;
}

/** Per second, a share, a share, seconds. */
const [KTRANS, VE, VP, DELAY] = [0, 1, 2, 3] as const;
const LEAST = [0, 0.001, 0] as const;
const MOST = [5 / 60, 1, 1] as const;
const ROUNDS = 60;
const ENOUGH = 1e-9;

/**
 * Fits of Tofts' model to many curves of one measurement; memory is taken once.
 *
 * Levenberg-Marquardt within bounds (Ktrans to 5/min, ve and vp to 1), with exact derivatives, from the best of Murase's linear fit
 * and a coarse grid. The convolution with the input's straight pieces is exact.
 *
 * @returns a function of a curve in mM and the delays allowed
 * @throws INVALID_ARGUMENT when times do not rise, SHAPE_MISMATCH for another number of samples, NOT_FINITE
 * @source Tofts et al. 1999, Estimating kinetic parameters from dynamic contrast-enhanced T1-weighted MRI of a diffusable tracer
 */
export function createToftsFit(options: ToftsFitOptions): (curve: Float64Array, delay: DelayRange) => ToftsParameters {
  const { input, seconds, model = 'extended' } = options;
  assertRising(seconds);
  const response = createTissueResponse(input, seconds);
  const free = model === 'extended' ? [KTRANS, VE, VP, DELAY] : [KTRANS, VE, DELAY];
  return (curve, delay) => {
    if (curve.length !== seconds.length)
      throw new VesaliusError('SHAPE_MISMATCH', {
        what: 'samples of a tissue curve',
        got: curve.length,
        expected: seconds.length,
      });
    if (!curve.every(Number.isFinite))
      throw new VesaliusError('NOT_FINITE', { what: 'concentration of a tissue curve' });
    const start = startOfTofts({ response, curve, seconds, model, delay });
    const bounds = { least: [...LEAST, delay.from], most: [...MOST, delay.to] };
    return parametersOf(descend({ response, curve, free, bounds }, start), curve.length);
  };
}

/**
 * The curve that parameters stand for.
 *
 * @returns mM, at the times
 * @parity dcmri.conc_tissue
 */
export function toftsCurve(
  { input, seconds }: Omit<ToftsFitOptions, 'model'>,
  { ktransPerMinute, kepPerMinute, vp, delaySeconds }: Omit<ToftsParameters, 'residual' | 've'>,
): Float64Array {
  assertRising(seconds);
  const response = createTissueResponse(input, seconds);
  response.respond(kepPerMinute / 60, delaySeconds);
  return response.retained.map((held, i) => (ktransPerMinute / 60) * held + vp * (response.plasma[i] as number));
}

interface Problem {
  readonly response: TissueResponse;
  readonly curve: Float64Array;
  readonly free: readonly number[];
  readonly bounds: { readonly least: readonly number[]; readonly most: readonly number[] };
}

interface Fitted {
  readonly at: readonly number[];
  readonly squares: number;
}

function descend(problem: Problem, start: readonly number[]): Fitted {
  let here: Fitted = { at: start, squares: squaresAt(problem, start) };
  let damping = 1e-3;
  for (let round = 0; round < ROUNDS && damping < 1e10; round++) {
    const system = normalEquations(problem, here.at);
    let gain = 0;
    while (damping < 1e10) {
      const next = within(problem, here.at, solve(system, damping));
      const squares = squaresAt(problem, next);
      if (squares < here.squares) {
        gain = here.squares - squares;
        here = { at: next, squares };
        damping = Math.max(1e-9, damping / 5);
        break;
      }
      damping *= 4;
    }
    if (gain <= ENOUGH * here.squares) break;
  }
  return here;
}

function squaresAt({ response, curve }: Problem, at: readonly number[]): number {
  const [ktrans, ve, vp, delay] = at as [number, number, number, number];
  response.respond(ktrans / ve, delay);
  let sum = 0;
  for (let i = 0; i < curve.length; i++) {
    const modelled = ktrans * (response.retained[i] as number) + vp * (response.plasma[i] as number);
    sum += ((curve[i] as number) - modelled) ** 2;
  }
  return sum;
}

interface System {
  /** Numbers of the parameters that may move. */
  readonly moving: readonly number[];
  readonly matrix: readonly (readonly number[])[];
  readonly slope: readonly number[];
}

/** Of the parameters that are free and not pushed against a bound. */
function normalEquations({ response, curve, free, bounds }: Problem, at: readonly number[]): System {
  const [ktrans, ve, vp, delay] = at as [number, number, number, number];
  const kep = ktrans / ve;
  response.respond(kep, delay);
  const matrix = [0, 1, 2, 3].map(() => [0, 0, 0, 0]);
  const slope = [0, 0, 0, 0];
  const by = [0, 0, 0, 0];
  for (let i = 0; i < curve.length; i++) {
    const held = response.retained[i] as number;
    const moment = response.moment[i] as number;
    const plasma = response.plasma[i] as number;
    const rise = response.slope[i] as number;
    by[KTRANS] = held - kep * moment;
    by[VE] = kep * kep * moment;
    by[VP] = plasma;
    by[DELAY] = -ktrans * (plasma - kep * held) - vp * rise;
    const rest = (curve[i] as number) - ktrans * held - vp * plasma;
    for (const p of free) {
      const row = matrix[p] as number[];
      slope[p] = (slope[p] as number) + (by[p] as number) * rest;
      for (const q of free) row[q] = (row[q] as number) + (by[p] as number) * (by[q] as number);
    }
  }
  const moving = free.filter((p) => {
    const [least, most, value] = [bounds.least[p] as number, bounds.most[p] as number, at[p] as number];
    const pushed = (value <= least && (slope[p] as number) < 0) || (value >= most && (slope[p] as number) > 0);
    return least < most && !pushed && (matrix[p]?.[p] as number) > 0;
  });
  return { moving, matrix, slope };
}

/** The step of Marquardt, scaled by the diagonal, by Gauss-Jordan elimination. */
function solve({ moving, matrix, slope }: System, damping: number): number[] {
  const rows = moving.map((p) => [
    ...moving.map((q) => (matrix[p]?.[q] as number) * (p === q ? 1 + damping : 1)),
    slope[p] as number,
  ]);
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows[k] as number[];
    const scale = pivot[k] as number;
    for (let c = k; c <= rows.length; c++) pivot[c] = (pivot[c] as number) / scale;
    for (const row of rows) {
      const factor = row[k] as number;
      if (row !== pivot)
        for (let c = k; c <= rows.length; c++) row[c] = (row[c] as number) - factor * (pivot[c] as number);
    }
  }
  const step = [0, 0, 0, 0];
  for (const [i, p] of moving.entries()) step[p] = rows[i]?.[rows.length] as number;
  return step;
}

function within({ bounds }: Problem, at: readonly number[], step: readonly number[]): number[] {
  return at.map((value, p) => {
    const moved = value + (step[p] as number);
    return Math.min(
      bounds.most[p] as number,
      Math.max(bounds.least[p] as number, Number.isFinite(moved) ? moved : value),
    );
  });
}

function parametersOf({ at, squares }: Fitted, samples: number): ToftsParameters {
  const [ktrans, ve, vp, delaySeconds] = at as [number, number, number, number];
  return {
    ktransPerMinute: 60 * ktrans,
    ve,
    kepPerMinute: (60 * ktrans) / ve,
    vp,
    delaySeconds,
    residual: Math.sqrt(squares / samples),
  };
}

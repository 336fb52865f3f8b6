import { writeFileSync } from 'node:fs';
import { ops as $, compile, gradients, Random, type TensorValue } from '@vesalius/engine';
import { articleContrastiveLoss } from '@vesalius/methods';
import { drawLosses } from '../contrastive/draw-losses.ts';
import type { Measure } from '../figure-result.ts';
import { askPeers } from './ask-peers.ts';

const CASES = 200;
const TEMPERATURES = [0.07, 0.1, 0.2, 0.5, 1];

interface Case {
  readonly temperature: number;
  readonly shape: readonly [number, number];
  readonly features: readonly number[];
}

interface Answer {
  readonly value: number;
  readonly gradient: readonly number[];
  /** The same code in single precision. */
  readonly single: { readonly value: number | null; readonly gradient: readonly (number | null)[] };
}

/** The listing beside its own code in PyTorch, on random features; and the picture of what it optimises. */
export const measure: Measure = async ({ quick, log }) => {
  const cases = casesOf(quick ? 10 : CASES);
  const theirs = askPeers<Answer[]>('article_loss.py', { cases });
  const ours = [];
  for (const one of cases) ours.push(await answerOf(one));
  const errors = ours.map((answer, i) => errorOf(answer, theirs[i] as Answer));
  const singles = theirs.map((answer) => errorOf(answer.single, answer));
  // Where the numerator is nearly all of the sum it is taken from, no single precision has the digits: PyTorch's has as few.
  const hard = cases.map(({ temperature }) => temperature <= 0.1);
  const worst = (of: typeof errors, low: boolean, key: 'value' | 'gradient'): number =>
    Math.max(...of.flatMap((error, i) => (hard[i] === low && Number.isFinite(error[key]) ? [error[key]] : [])));
  const lost = (of: typeof errors): number => of.filter(({ gradient }) => !Number.isFinite(gradient)).length;
  const picture = await drawLosses();
  if (!quick) writeFileSync(new URL('../../docs/images/contrastive-loss.svg', import.meta.url), picture.svg);
  const figure = {
    cases: cases.length,
    valueError: worst(errors, false, 'value'),
    gradientError: worst(errors, false, 'gradient'),
    lowTemperatureValueError: worst(errors, true, 'value'),
    lowTemperatureGradientError: worst(errors, true, 'gradient'),
    notFinite: lost(errors),
    ...picture.figures,
  };
  const peer = {
    singlePrecisionNotFinite: lost(singles),
    singlePrecisionLowTemperatureValueError: worst(singles, true, 'value'),
    singlePrecisionLowTemperatureGradientError: worst(singles, true, 'gradient'),
  };
  for (const [name, value] of Object.entries({ ...figure, ...peer })) log(`${name} ${value}`);
  return { figure, peer };
};

function casesOf(count: number): Case[] {
  const random = new Random('article loss');
  return Array.from({ length: count }, (_, i) => {
    const shape = [2 + random.integer(30), 2 + random.integer(40)] as const;
    const rows = Array.from({ length: shape[0] }, () => {
      const row = Array.from({ length: shape[1] }, () => random.normal());
      const length = Math.hypot(...row);
      return row.map((value) => Math.fround(value / length));
    });
    return { temperature: TEMPERATURES[i % TEMPERATURES.length] as number, shape, features: rows.flat() };
  });
}

async function answerOf({ temperature, shape, features }: Case) {
  const x = $.input('x', shape);
  const value = articleContrastiveLoss(x, { temperature });
  const [gradient = value] = gradients(value, [x]);
  const program = await compile({ outputs: { value, gradient }, states: {} }, { threads: 1 });
  const answers = await program.run({ x: { shape, dtype: 'float32', data: Float32Array.from(features) } });
  await program.close();
  return {
    value: Number(answers['value']?.data[0]),
    gradient: Array.from((answers['gradient'] as TensorValue).data as Float32Array),
  };
}

/** Relative to the value, and to the largest part of the gradient. */
function errorOf(got: Answer['single'], expected: Answer) {
  const largest = Math.max(...expected.gradient.map(Math.abs));
  const off = Math.max(...expected.gradient.map((value, i) => Math.abs(value - (got.gradient[i] ?? Number.NaN))));
  return {
    value: Math.abs((got.value ?? Number.NaN) - expected.value) / Math.max(1, Math.abs(expected.value)),
    gradient: off / Math.max(1e-6, largest),
  };
}

import {
  ops as $,
  adam,
  compile,
  createNetworkBuilder,
  initialValues,
  type RuntimeOptions,
  range,
  type Scope,
  scalarValue,
  type Tensor,
  type TensorValue,
  trainingProgram,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { ModalityInputs } from '../modalities/modality-model.ts';
import { modalityClassifier, modalitySurprise } from './modality-classifier.ts';

/** Codes of every modality: levels `[B, C, ...S]` or one vector `[B, C]` each. */
export type CodesOf = (scope: Scope, inputs: ModalityInputs) => readonly (readonly Tensor[])[];

export interface LeakageOptions extends RuntimeOptions {
  /** Of a batch of images, `[B, M, ...S]`. */
  readonly imageShape: readonly number[];
  /** Of the network that makes the codes; they stay as they are. */
  readonly weights: ReadonlyMap<string, TensorValue>;
  /** Batches to learn from, by the number of the step from 1. */
  readonly learned: (step: number) => Float32Array;
  /** Batches of other patients, to measure with. */
  readonly tested: readonly Float32Array[];
  readonly steps: number;
  readonly seed: number;
  /** 0.005 by default. */
  readonly learningRate?: number;
}

export interface Leakage {
  /** Share of modalities that are told right, of images the classifier did not learn from; 1 / M is chance. */
  readonly accuracy: number;
  /** Share told right of what it learned from last: a classifier that could not even learn that proves nothing about the codes. */
  readonly learnedAccuracy: number;
  /**
   * How much codes differ between the tested batches, as a share of their size: 0 for constant codes, which give no modality away because
   * they hold nothing at all.
   */
  readonly variation: number;
}

const PROBE = 'probe';

/**
 * How well a classifier that has never seen the network tells modalities by its codes: trained anew on them while the network stands still.
 *
 * Near chance is what content should give, but constant codes give it too: look at the variation, and at what else the codes are good for.
 *
 * @throws INVALID_ARGUMENT with fewer than two tested batches, which tell no variation
 * @throws CHECKPOINT_MISMATCH when the weights belong to another network
 */
export async function measureLeakage(codes: CodesOf, options: LeakageOptions): Promise<Leakage> {
  const { imageShape, weights, seed, steps, learned, tested, learningRate = 0.005 } = options;
  if (tested.length < 2)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'tested batches',
      got: tested.length,
      expected: 'two or more',
    });
  const { scope, variables } = createNetworkBuilder();
  const image = $.input('image', imageShape);
  const mask = $.constant(new Float32Array(elements(imageShape.slice(0, 2))).fill(1), imageShape.slice(0, 2));
  const found = codes(scope, { image, mask });
  const logits = probe(scope.child(PROBE), found);
  const guesses = $.cast($.argMax(logits, 1), 'float32');
  const own = (name: string): boolean => name.startsWith(`${PROBE}.`);
  const program = trainingProgram({
    loss: modalitySurprise(logits),
    variables: variables(),
    optimizer: adam(),
    frozen: (name) => !own(name),
    outputs: { guesses, numbers: allNumbers(found) },
  });
  const executable = await compile(program, options);
  for (const [name, value] of initialValues(
    variables().filter(({ name }) => own(name)),
    seed,
  ))
    executable.writeState(name, value);
  for (const { name } of variables()) if (!own(name)) executable.writeState(name, weightOf(weights, name));
  const run = async (data: Float32Array, step: number, rate: number): Promise<Answer> => {
    const fed = { shape: imageShape, dtype: 'float32', data } as const;
    const outputs = await executable.run({ image: fed, learning_rate: scalarValue(rate), step: scalarValue(step) });
    const batch = imageShape[0] as number;
    const guessed = Array.from(outputs['guesses']?.data ?? [], Number);
    return {
      accuracy: mean(guessed.map((guess, i) => (guess === Math.floor(i / batch) ? 1 : 0))),
      numbers: Float64Array.from(outputs['numbers']?.data ?? [], Number),
    };
  };
  const recent: number[] = [];
  for (let step = 1; step <= steps; step++) recent.push((await run(learned(step), step, learningRate)).accuracy);
  const answers: Answer[] = [];
  for (const data of tested) answers.push(await run(data, steps, 0));
  await executable.close();
  return {
    accuracy: mean(answers.map(({ accuracy }) => accuracy)),
    learnedAccuracy: mean(recent.slice(-Math.ceil(steps / 5))),
    variation: variationOf(answers.map(({ numbers }) => numbers)),
  };
}

interface Answer {
  readonly accuracy: number;
  readonly numbers: Float64Array;
}

/** All numbers of the codes of a batch. */
function allNumbers(codes: readonly (readonly Tensor[])[]): Tensor {
  const parts = codes.flat().map((level) => $.reshape(level, [-1]));
  return $.concat(parts, 0);
}

/** Deviation between the answers, as a share of their size. */
function variationOf(answers: readonly Float64Array[]): number {
  let [spread, size] = [0, 0];
  for (let i = 0; i < (answers[0] as Float64Array).length; i++) {
    const values = answers.map((answer) => answer[i] as number);
    const middle = mean(values);
    spread += mean(values.map((value) => (value - middle) ** 2));
    size += mean(values.map((value) => value ** 2));
  }
  return size === 0 ? 0 : Math.sqrt(spread / size);
}

/** No gradient goes into the codes: they are what they are. */
function probe(scope: Scope, codes: readonly (readonly Tensor[])[]): Tensor {
  const levels = range((codes[0] as readonly Tensor[]).length).map((level) =>
    $.stopGradient(
      $.concat(
        codes.map((one) => one[level] as Tensor),
        0,
      ),
    ),
  );
  return modalityClassifier(scope, levels, { classes: codes.length, width: 24 });
}

function weightOf(weights: ReadonlyMap<string, TensorValue>, name: string): TensorValue {
  const found = weights.get(name);
  if (found) return found;
  throw new VesaliusError('CHECKPOINT_MISMATCH', {
    what: 'weights',
    got: `no ${name}`,
    expected: 'those of this network',
  });
}

const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

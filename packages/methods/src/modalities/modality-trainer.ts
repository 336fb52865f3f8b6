import {
  ops as $,
  adamW,
  compile,
  createNetworkBuilder,
  type Executable,
  initialValues,
  isMatrix,
  type Program,
  RANDOM_KEY,
  type RuntimeOptions,
  randomKeyOf,
  scalarValue,
  type TensorValue,
  trainingProgram,
  type Variable,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  type BatchSource,
  type LearningRateSchedule,
  learningRateAt,
  lossOfStep,
  type SegmentationSetup,
} from '@vesalius/medical';
import { randomMask } from './modality-masks.ts';
import type { ModalityModel } from './modality-model.ts';

/** Everything but the model and the data that decides the bytes of a training. Plain JSON. */
export interface ModalitySetup
  extends Pick<
    SegmentationSetup,
    'channels' | 'classes' | 'patchSize' | 'batchSize' | 'foregroundShare' | 'augmentation' | 'precision'
  > {
  readonly learningRate: LearningRateSchedule;
  readonly weightDecay: number;
  readonly clipNorm: number;
  /** Of the moving average whose weights are the result. */
  readonly emaDecay: number;
  /** Hides a random set of modalities in every sample; else all are seen. */
  readonly modalityDropout: boolean;
}

/** Trains one model. A step depends on the setup, the seed, its number and the states alone, so it can be repeated. */
export interface ModalityTrainer {
  /** Steps done. */
  readonly step: number;
  /** @returns the loss @throws NOT_FINITE when it is none */
  advance(totalSteps: number): Promise<number>;
  /** Copies of everything that changes from step to step. */
  save(): Map<string, TensorValue>;
  /** The moving average of the weights: the result. */
  weights(): Map<string, TensorValue>;
  close(): Promise<void>;
}

export interface ModalityTrainerOptions extends RuntimeOptions {
  readonly setup: ModalitySetup;
  readonly batches: BatchSource;
  readonly seed: number;
  /** What `save` gave, and the number of steps done then. */
  readonly resume?: { readonly states: ReadonlyMap<string, TensorValue>; readonly step: number };
}

/** @throws CHECKPOINT_MISMATCH when the states to resume from belong to another model */
export async function createModalityTrainer(
  model: ModalityModel,
  options: ModalityTrainerOptions,
): Promise<ModalityTrainer> {
  const { program, variables } = trainingGraph(model, options.setup);
  const executable = await compile(program, { ...options, freesEarly: options.setup.precision === 'mixed' });
  start(executable, variables, options);
  let step = options.resume?.step ?? 0;
  const copy = (name: string): TensorValue => {
    const value = executable.readState(name);
    return { ...value, data: value.data.slice() };
  };
  return {
    get step() {
      return step;
    },
    advance: async (totalSteps) => {
      const outputs = await executable.run(feedsOf(step + 1, totalSteps, options));
      const loss = lossOfStep(outputs, step + 1);
      step++;
      return loss;
    },
    save: () => new Map(executable.stateNames.map((name) => [name, copy(name)])),
    weights: () =>
      new Map(variables.map(({ name, trainable }) => [name, copy(trainable ? `ema.${name}` : name)] as const)),
    close: () => executable.close(),
  };
}

function trainingGraph(
  model: ModalityModel,
  setup: ModalitySetup,
): { readonly program: Program; readonly variables: readonly Variable[] } {
  const { batchSize, channels, patchSize } = setup;
  const { scope, variables } = createNetworkBuilder({ training: true });
  const image = $.input('image', [batchSize, channels, ...patchSize]);
  const mask = $.input('mask', [batchSize, channels]);
  const { loss } = model(scope, { image, mask, label: $.input('label', [batchSize, 1, ...patchSize]) });
  if (!loss)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'model', got: 'no loss', expected: 'a loss of a label' });
  const { weightDecay, clipNorm, emaDecay, precision } = setup;
  const program = trainingProgram({
    loss,
    variables: variables(),
    optimizer: adamW({ weightDecay }),
    clipNorm,
    emaDecay,
    decays: isMatrix,
    ...(precision && { precision }),
  });
  return { program, variables: variables() };
}

function start(executable: Executable, variables: readonly Variable[], { seed, resume }: ModalityTrainerOptions): void {
  const first = [...initialValues(variables, seed)].flatMap(
    ([name, value]) =>
      [
        [name, value],
        [`ema.${name}`, value],
      ] as const,
  );
  const states = resume?.states ?? new Map(first.filter(([name]) => executable.stateNames.includes(name)));
  const strange = [...states.keys()].find((name) => !executable.stateNames.includes(name));
  const missing = resume && executable.stateNames.find((name) => !states.has(name));
  if (strange !== undefined || missing !== undefined) {
    throw new VesaliusError('CHECKPOINT_MISMATCH', {
      what: 'states to resume from',
      got: strange ?? `no ${missing}`,
      expected: 'those of the same model',
    });
  }
  for (const [name, value] of states) executable.writeState(name, value);
}

function feedsOf(
  step: number,
  totalSteps: number,
  { setup, batches, seed }: ModalityTrainerOptions,
): Record<string, TensorValue> {
  const { batchSize, channels, patchSize, modalityDropout, learningRate } = setup;
  const { image, label } = batches.batch(step);
  const mask = modalityDropout
    ? randomMask(seed, step, [batchSize, channels])
    : new Float32Array(batchSize * channels).fill(1);
  return {
    image: { shape: [batchSize, channels, ...patchSize], dtype: 'float32', data: image },
    label: { shape: [batchSize, 1, ...patchSize], dtype: 'float32', data: label },
    mask: { shape: [batchSize, channels], dtype: 'float32', data: mask },
    learning_rate: scalarValue(learningRateAt(learningRate, step, totalSteps)),
    step: scalarValue(step),
    [RANDOM_KEY]: randomKeyOf(seed, step),
  };
}

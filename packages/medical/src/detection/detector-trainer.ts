import {
  ops as $,
  adamW,
  compile,
  createNetworkBuilder,
  initialValues,
  type RuntimeOptions,
  scalarValue,
  type TensorValue,
  trainingProgram,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { learningRateAt } from '../training/learning-rate.ts';
import { lossOfStep } from '../training/loss-of-step.ts';
import { answerSize, createDetectionBatches } from './detection-batches.ts';
import type { DetectionCase } from './detection-case.ts';
import { detectionLoss } from './detection-loss.ts';
import { detectorNetwork } from './detector-network.ts';
import type { DetectorSetup } from './detector-setup.ts';

/** Trains one detector. A step depends on the setup, the seed, its number and the states alone, so it can be repeated. */
export interface DetectorTrainer {
  /** Steps done. */
  readonly step: number;
  /** @param totalSteps - of the whole training; decides the learning rate. @returns the step's loss */
  advance(totalSteps: number): Promise<number>;
  /** Everything that changes from step to step, to go on from. */
  save(): Map<string, TensorValue>;
  /** The moving average of the weights: the result. */
  weights(): Map<string, TensorValue>;
  close(): Promise<void>;
}

export interface DetectorTrainerOptions extends RuntimeOptions {
  readonly seed: number;
  /** What `save` gave, and the number of steps done then. */
  readonly resume?: { readonly states: ReadonlyMap<string, TensorValue>; readonly step: number };
}

const CLIP_NORM = 12;
const EMA_DECAY = 0.995;
const WARM_UP_STEPS = 20;

/** @throws EMPTY_FOLDER without a case, CHECKPOINT_MISMATCH when the states to resume from belong to another network */
export async function createDetectorTrainer(
  cases: readonly DetectionCase[],
  setup: DetectorSetup,
  { seed, resume, ...runtime }: DetectorTrainerOptions,
): Promise<DetectorTrainer> {
  const { patchSize, batchSize, learningRate, weightDecay } = setup;
  const batchOf = createDetectionBatches(cases, setup, seed);
  const { program, variables } = detectorTrainingGraph(setup);
  const executable = await compile(program, runtime);
  for (const [name, value] of resume?.states ?? initialStates(initialValues(variables, seed), executable.stateNames)) {
    if (!executable.stateNames.includes(name))
      throw new VesaliusError('CHECKPOINT_MISMATCH', { what: 'states', got: name, expected: 'those of this detector' });
    executable.writeState(name, value);
  }
  const read = (name: string): TensorValue => {
    const value = executable.readState(name);
    return { ...value, data: value.data.slice() };
  };
  const rate = { name: 'poly', base: learningRate, warmupSteps: WARM_UP_STEPS, power: 0.9 } as const;
  let step = resume?.step ?? 0;
  return {
    get step() {
      return step;
    },
    advance: async (totalSteps) => {
      const { image, heat, size } = batchOf(step + 1);
      const answers = [batchSize, 1, ...answerSize(patchSize)];
      const outputs = await executable.run({
        image: { shape: [batchSize, 1, ...patchSize], dtype: 'float32', data: image },
        heat: { shape: answers, dtype: 'float32', data: heat },
        size: { shape: answers, dtype: 'float32', data: size },
        learning_rate: scalarValue(learningRateAt(rate, step + 1, totalSteps)),
        step: scalarValue(step + 1),
      });
      const loss = lossOfStep(outputs, step + 1);
      step++;
      return loss;
    },
    save: () => new Map(executable.stateNames.map((name) => [name, read(name)])),
    weights: () => new Map(variables.map(({ name }) => [name, read(`ema.${name}`)])),
    close: () => executable.close(),
  };

  function detectorTrainingGraph(of: DetectorSetup) {
    const { scope, variables: made } = createNetworkBuilder({ training: true });
    const answers = [batchSize, 1, ...answerSize(patchSize)];
    const answer = detectorNetwork(scope, $.input('image', [batchSize, 1, ...patchSize]), of);
    const loss = detectionLoss(answer, { heat: $.input('heat', answers), size: $.input('size', answers) });
    const optimizer = adamW({ weightDecay });
    const built = trainingProgram({ loss, variables: made(), optimizer, clipNorm: CLIP_NORM, emaDecay: EMA_DECAY });
    return { program: built, variables: made() };
  }
}

/** Weights, and the averages that begin as they are. */
function initialStates(
  weights: ReadonlyMap<string, TensorValue>,
  names: readonly string[],
): ReadonlyMap<string, TensorValue> {
  const averages = [...weights].flatMap(([name, value]) =>
    names.includes(`ema.${name}`) ? [[`ema.${name}`, value] as const] : [],
  );
  return new Map([...weights, ...averages]);
}

import {
  ops as $,
  compile,
  createNetworkBuilder,
  RANDOM_KEY,
  type RuntimeOptions,
  scalarValue,
  type TensorValue,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { type InferenceImage, slidingWindowInference } from '@vesalius/medical';
import type { ModalityModel } from './modality-model.ts';
import type { ModalitySetup } from './modality-trainer.ts';

export interface ModalityPrediction {
  /** `[K, D, H, W]` */
  readonly probabilities: Float32Array;
  /** The model's readings of one number a modality, averaged over windows. */
  readonly shares: Readonly<Record<string, readonly number[]>>;
}

export interface ModalityPredictor {
  /**
   * @param image - `[M, D, H, W]`, normalised as for training
   * @param mask - of each modality 1 where it is there, 0 where it is not
   * @throws INVALID_ARGUMENT when none is there or their number is another
   */
  predict(image: InferenceImage, mask: readonly number[]): Promise<ModalityPrediction>;
  close(): Promise<void>;
}

export interface ModalityPredictorOptions extends RuntimeOptions {
  readonly setup: Pick<ModalitySetup, 'channels' | 'classes' | 'patchSize'>;
  readonly weights: ReadonlyMap<string, TensorValue>;
  /** Share of a window that the next covers too; 0.5 by default. */
  readonly overlap?: number;
}

/** A trained model, which answers for whole images and any set of their modalities. */
export async function createModalityPredictor(
  model: ModalityModel,
  { setup, weights, overlap = 0.5, ...runtime }: ModalityPredictorOptions,
): Promise<ModalityPredictor> {
  const { channels, classes, patchSize } = setup;
  const { scope, variables } = createNetworkBuilder();
  const inputs = { image: $.input('image', [1, channels, ...patchSize]), mask: $.input('mask', [1, channels]) };
  const { logits, readings = {} } = model(scope, inputs);
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  const program = await compile({ outputs: { probabilities: $.softmax(logits, 1), ...readings }, states }, runtime);
  for (const name of program.stateNames) program.writeState(name, weightOf(weights, name));
  const fixed = { [RANDOM_KEY]: scalarValue(0, 'int64') };
  return {
    predict: async (image, mask) => {
      assertMask(mask, channels);
      const given: TensorValue = { shape: [1, channels], dtype: 'float32', data: Float32Array.from(mask) };
      const [, ...size] = image.shape;
      const voxels = size.reduce((product, length) => product * length, 1);
      const slice = voxels / image.shape[1];
      const probabilities = new Float32Array(classes * voxels);
      const shares = averageOf(Object.keys(readings));
      const predict = async (window: Float32Array): Promise<Float32Array> => {
        const found = await program.run({
          image: { shape: [1, channels, ...patchSize], dtype: 'float32', data: window },
          mask: given,
          ...fixed,
        });
        shares.add(found);
        return found['probabilities']?.data as Float32Array;
      };
      const keep = (z: number, answers: Float32Array): void => {
        for (let k = 0; k < classes; k++)
          probabilities.set(answers.subarray(k * slice, (k + 1) * slice), k * voxels + z * slice);
      };
      await slidingWindowInference(image, predict, keep, { roiSize: patchSize, overlap, classes });
      return { probabilities, shares: shares.mean() };
    },
    close: () => program.close(),
  };
}

function weightOf(weights: ReadonlyMap<string, TensorValue>, name: string): TensorValue {
  const found = weights.get(name);
  if (found) return found;
  throw new VesaliusError('CHECKPOINT_MISMATCH', {
    what: 'weights',
    got: `no ${name}`,
    expected: 'those of this model',
  });
}

function assertMask(mask: readonly number[], channels: number): void {
  if (mask.length === channels && mask.some((there) => there > 0)) return;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: 'modalities that are there',
    got: mask,
    expected: `${channels} numbers, one of them 1 at least`,
  });
}

function averageOf(names: readonly string[]) {
  const sums = new Map<string, number[]>();
  let count = 0;
  return {
    add: (found: Readonly<Record<string, TensorValue>>): void => {
      count++;
      for (const name of names) {
        const values = Array.from(found[name]?.data ?? [], Number);
        sums.set(
          name,
          values.map((value, i) => value + (sums.get(name)?.[i] ?? 0)),
        );
      }
    },
    mean: (): Record<string, number[]> =>
      Object.fromEntries([...sums].map(([name, values]) => [name, values.map((value) => value / count)])),
  };
}

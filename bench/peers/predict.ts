// Our side of a measured sliding-window prediction, a process that bench/figures/a2.ts asks: its requests are the handlers below.
import { writeFileSync } from 'node:fs';
import { openSessionPool } from '@vesalius/bundle';
import {
  ops as $,
  createNetworkBuilder,
  defaultTarget,
  initialValues,
  type TensorValue,
  toOnnx,
  withValues,
  writeOnnx,
  writeSafetensors,
} from '@vesalius/engine';
import { type InferenceImage, slidingWindowInference, type WindowPredictor } from '@vesalius/medical';
import { measuredNoise } from './measured-data.ts';
import { measureTimes, serveLines } from './serve-lines.ts';
import { measuredDynUnet } from './training-cases.ts';

const SIZE = 128;
const WINDOW = [48, 64, 48] as const;
const CLASSES = 3;
const SEED = 0;

const image: InferenceImage = { data: measuredNoise([SIZE, SIZE, SIZE], 1), shape: [1, SIZE, SIZE, SIZE] };

interface Prediction {
  readonly predict: WindowPredictor;
  readonly weights: ReadonlyMap<string, TensorValue>;
  readonly ahead: number;
}

let prediction: Prediction | undefined;
let probabilities = new Float32Array(0);

await serveLines({
  build: async ({ threads }: { threads: number }) => {
    prediction = await openPrediction(threads);
    return {};
  },

  /** Writes the image and the weights for the other side. */
  share: async ({ path }: { path: string }) => {
    const { weights } = started();
    const tensors = new Map([...weights, ['image', { ...image, dtype: 'float32' } as TensorValue]]);
    writeFileSync(path, writeSafetensors(tensors as Parameters<typeof writeSafetensors>[0]));
    return {};
  },

  /** Milliseconds of one prediction of the whole image. */
  predict: async () => {
    probabilities = new Float32Array(CLASSES * SIZE ** 3);
    const keep = (z: number, slice: Float32Array): void => {
      const area = SIZE * SIZE;
      for (let k = 0; k < CLASSES; k++)
        probabilities.set(slice.subarray(k * area, (k + 1) * area), (k * SIZE + z) * area);
    };
    const { predict, ahead } = started();
    const options = { roiSize: WINDOW, overlap: 0.25, mode: 'gaussian', classes: CLASSES, ahead } as const;
    return measureTimes(() => slidingWindowInference(image, predict, keep, options));
  },

  /** Writes the probabilities predicted last. */
  save: async ({ path }: { path: string }) => {
    writeFileSync(path, probabilities);
    return {};
  },
});

function started(): Prediction {
  return prediction as Prediction;
}

async function openPrediction(threads: number): Promise<Prediction> {
  const { scope, variables } = createNetworkBuilder();
  const shape = [1, 1, ...WINDOW];
  const output = $.softmax(measuredDynUnet(scope, $.input('image', shape)), 1);
  const weights = initialValues(variables(), SEED);
  const model = withValues(toOnnx({ output }, { target: await defaultTarget() }), weights);
  const session = await openSessionPool(writeOnnx(model), { threads });
  const predict: WindowPredictor = async (window) => {
    const result = await session.run({ image: { shape, dtype: 'float32', data: window } });
    return result['output']?.data as Float32Array;
  };
  return { predict, weights, ahead: session.parallelRuns + 1 };
}

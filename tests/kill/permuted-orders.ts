import { type CompileOptions, Random } from '@vesalius/engine';
import { type BatchSource, createSegmentationTrainer, type SegmentationSetup } from '@vesalius/medical';

type Arrange = NonNullable<CompileOptions['arrange']>;
type GraphNode = Parameters<Arrange>[0][number];

const SIDE = 8;

/** A residual U-Net with everything a real training has: AdamW, clipping, a moving average, warm-up. */
const SETUP: SegmentationSetup = {
  network: {
    name: 'UNet',
    options: {
      outChannels: 2,
      channels: [4, 8, 8],
      strides: [2, 2].map((n) => [n, n, n]),
      numResUnits: 1,
      norm: { name: 'instance', affine: true },
    },
  },
  channels: 1,
  classes: 2,
  patchSize: [SIDE, SIDE, SIDE],
  batchSize: 2,
  foregroundShare: 0,
  optimizer: { name: 'AdamW', weightDecay: 1e-4 },
  learningRate: { name: 'poly', base: 1e-3, warmupSteps: 2, power: 0.9 },
  clipNorm: 12,
  emaDecay: 0.9,
  augmentation: { rotationRadians: 0, scale: 0, flipAxes: [], elasticProbability: 0, inPlaneOnly: false, intensity: 0 },
};

/** Losses of a short training whose graph lists its nodes in the order given. */
export async function lossesInOrder(steps: number, arrange: Arrange = (nodes) => [...nodes]): Promise<number[]> {
  // What is beyond the trainer's own options goes on to the compiler.
  const options = { seed: 1, threads: 1, arrange };
  const trainer = await createSegmentationTrainer(SETUP, madeUpBatches(), options);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) losses.push((await trainer.advance(steps)).loss);
  await trainer.close();
  return losses;
}

function madeUpBatches(): BatchSource {
  const voxels = 2 * SIDE ** 3;
  return {
    batch: (step) => {
      const random = new Random(step);
      const label = Float32Array.from({ length: voxels }, (_, i) => Number(i % SIDE > 3));
      return { image: label.map((value) => value + random.uniform(-1, 1)), label };
    },
  };
}

/** Another order in which every node comes after those it needs, drawn by the seed. */
export function shuffledOrder(seed: number): Arrange {
  return (nodes) => {
    const random = new Random(seed);
    const notYet = new Set(nodes.flatMap(({ outputs }) => outputs));
    const waiting = [...nodes];
    const order: GraphNode[] = [];
    while (waiting.length > 0) {
      const ready = waiting.filter(({ inputs }) => inputs.every((name) => !notYet.has(name)));
      const chosen = ready[random.integer(ready.length)] as GraphNode;
      waiting.splice(waiting.indexOf(chosen), 1);
      for (const name of chosen.outputs) notYet.delete(name);
      order.push(chosen);
    }
    return order;
  };
}

/** The largest difference of any step's loss, relative to the loss. */
export function largestDifference(expected: readonly number[], got: readonly number[]): number {
  return Math.max(...expected.map((loss, i) => Math.abs((got[i] ?? Number.NaN) - loss) / Math.abs(loss)));
}

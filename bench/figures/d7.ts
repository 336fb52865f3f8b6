import { ops as $, createNetworkBuilder, type TensorValue } from '@vesalius/engine';
import {
  type BatchSource,
  buildPredictionGraph,
  createSegmentationTrainer,
  fingerprintOf,
  planTraining,
  type SegmentationSetup,
  setupOfPlan,
  spatialShape,
  summarizeCase,
  type TrainingPlan,
} from '@vesalius/medical';
import { createModalityTrainer, METHOD_NETWORKS, NETWORK_NAMES, planNetwork } from '@vesalius/methods';
import { affineFromSpacing, createVolume } from '@vesalius/volume';
import { EARLY_FUSION_DROPOUT, MM_FORMER, type ModalityMethod, SETUP } from '../compare/modality-methods.ts';
import { type CostedNetwork, type NetworkCost, networkCosts } from '../compare/network-costs.ts';
import type { Measure } from '../figure-result.ts';

const PICTURE = [128, 128, 1] as const;
const SCAN = [64, 64, 64] as const;
const BATCH = { picture: 4, scan: 2 };
const CLASSES = 4;
const PLANNED = 'planned-unet';

/** What each network costs beside the planned U-Net: on colour pictures, on scans, and on scans of four modalities. */
export const measure: Measure = async ({ quick, log }) => {
  const pictures = planOf(PICTURE, ['red', 'green', 'blue']);
  const scans = planOf(SCAN, ['MRI']);
  const groups = [
    {
      name: '2d',
      networks: all(pictures, BATCH.picture),
      rounds: quick ? 8 : 40,
    },
    { name: '3d', networks: all(scans, BATCH.scan), rounds: quick ? 2 : 8 },
    { name: '3d-modalities', networks: [EARLY_FUSION_DROPOUT, MM_FORMER].map(ofModalities), rounds: quick ? 2 : 8 },
  ];
  const figure: Record<string, number> = {};
  for (const { name: group, networks, rounds } of groups) {
    const costs = await networkCosts(networks, rounds);
    const [first] = costs.values();
    for (const [name, cost] of costs) {
      const ratio = cost.stepSeconds / (first?.stepSeconds ?? Number.NaN);
      Object.assign(figure, named(`${group}.${name}`, cost), { [`${group}.${name}.stepRatio`]: ratio });
      log(`${group} ${name}: ${line(cost)}, ${ratio.toFixed(2)} times the first's step`);
    }
  }
  const trainingRatio = figure['2d.trans-unet-plus-plus.stepRatio'] ?? Number.NaN;
  return {
    figure: { trainingRatio, networks: groups.flatMap(({ networks }) => networks).length, ...figure },
    peer: {},
  };
};

function named(name: string, cost: NetworkCost): Record<string, number> {
  return Object.fromEntries(Object.entries(cost).map(([key, value]) => [`${name}.${key}`, value]));
}

function line({ parameters, flops, stepSeconds, predictSeconds }: NetworkCost): string {
  const millions = (parameters / 1e6).toFixed(2);
  return `${millions} M parameters, ${(flops / 1e9).toFixed(2)} GFLOP, step ${stepSeconds.toFixed(3)} s, prediction ${predictSeconds.toFixed(3)} s`;
}

/** What the planner makes of one image of this size. */
function planOf(size: readonly [number, number, number], channels: readonly string[]): TrainingPlan {
  const voxelToLps = affineFromSpacing([1, 1, 1]);
  const voxels = Float32Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => i % 100);
  const scan = createVolume({ voxels, size, voxelToLps });
  const label = createVolume({ voxels: Uint8Array.from(voxels, (value) => (value > 60 ? 1 : 0)), size, voxelToLps });
  const summary = summarizeCase({ id: 'image', channels: channels.map(() => scan), label });
  const labels = [0, 1].map((value) => ({ value, name: String(value) }));
  return planTraining(
    fingerprintOf([summary], { name: 'costs', channels: channels.map((name) => ({ name })), labels }),
  );
}

/** First the U-Net that is planned where none is asked for: of 2-D ones the nearest to TransUNet++ in parameters, and the fastest. */
function all(plan: TrainingPlan, batchSize: number): CostedNetwork[] {
  const asked = NETWORK_NAMES.map((name) => planned(planNetwork(plan, name, 'tiny'), name, batchSize));
  return [planned(plan, PLANNED, batchSize), ...asked];
}

function planned(plan: TrainingPlan, name: string, batchSize: number): CostedNetwork {
  const setup: SegmentationSetup = { ...setupOfPlan(plan, METHOD_NETWORKS), batchSize };
  const image = imageOf([1, setup.channels, ...spatialShape(setup.patchSize)]);
  return {
    name,
    train: () => createSegmentationTrainer(setup, sameBatch(setup), { seed: 0, threads: 1 }),
    prediction: buildPredictionGraph(setup, setup.patchSize),
    feeds: { image },
  };
}

function ofModalities({
  name,
  model,
  learningRate: base,
  modalities: { length: channels },
}: ModalityMethod): CostedNetwork {
  const learningRate = { name: 'poly', base, warmupSteps: 20 } as const;
  const setup = { ...SETUP, channels, classes: CLASSES, modalityDropout: true, learningRate };
  const { scope, variables } = createNetworkBuilder();
  const image = imageOf([1, channels, ...setup.patchSize]);
  const mask = { shape: [1, channels], dtype: 'float32', data: new Float32Array(channels).fill(1) } as const;
  const network = model(CLASSES);
  const { logits } = network(scope, { image: $.input('image', image.shape), mask: $.input('mask', mask.shape) });
  const states = Object.fromEntries(variables().map(({ name: of, tensor }) => [of, { current: tensor }]));
  return {
    name,
    train: () => createModalityTrainer(network, { setup, batches: sameBatch(setup), seed: 0, threads: 1 }),
    prediction: { program: { outputs: { probabilities: $.softmax(logits, 1) }, states }, variables: variables() },
    feeds: { image, mask },
  };
}

/** Networks are compared, not the augmentation, which is the same for all. */
function sameBatch({
  batchSize,
  channels,
  patchSize,
}: Pick<SegmentationSetup, 'batchSize' | 'channels' | 'patchSize'>): BatchSource {
  const image = imageOf([batchSize, channels, ...patchSize]).data as Float32Array;
  const label = Float32Array.from({ length: image.length / channels }, (_, i) => (i % 50 > 30 ? 1 : 0));
  return { batch: () => ({ image, label }) };
}

function imageOf(shape: readonly number[]): TensorValue {
  const length = shape.reduce((product, size) => product * size, 1);
  return { shape: [...shape], dtype: 'float32', data: Float32Array.from({ length }, (_, i) => Math.sin(i)) };
}

import { initialValues } from '@vesalius/engine';
import {
  buildPredictionGraph,
  buildTrainingGraph,
  createSegmentationTrainer,
  type DatasetFingerprint,
  divisorOfPlan,
  featuresOf,
  fingerprintOf,
  imageModel,
  planTraining,
  setupOfPlan,
  type TrainingPlan,
} from '@vesalius/medical';

import { expect, test } from 'vitest';
import { METHOD_NETWORKS } from './method-networks.ts';
import { NETWORK_NAMES, planNetwork } from './plan-network.ts';

function planFor(depth: number, spacingMm: DatasetFingerprint['spacingMm']['median'] = [1, 1, 1]): TrainingPlan {
  const figures = {
    count: 9,
    mean: 5,
    standardDeviation: 1,
    minimum: 0,
    percentile0_5: 1,
    median: 5,
    percentile99_5: 9,
    maximum: 10,
  };
  const channel = { overall: figures, foreground: figures, foregroundSample: [1, 2, 3], notFinite: 0, zeroShare: 0 };
  const summary = {
    id: 'a',
    size: [32, 32, depth] as const,
    spacingMm,
    orientation: 'RAS',
    channels: [channel],
    classVoxels: { '0': 900, '1': 60 },
  };
  const labels = [0, 1].map((value) => ({ value, name: String(value) }));
  return planTraining(fingerprintOf([summary], { name: 'test', channels: [{ name: 'MRI' }], labels }));
}

test.each(NETWORK_NAMES)('%s trains and predicts on the planned patches, flat and deep', (name) => {
  for (const plan of [planFor(1), planFor(16)]) {
    const asked = planNetwork(plan, name, 'tiny');
    const setup = setupOfPlan(asked, METHOD_NETWORKS);
    const { variables } = buildTrainingGraph(setup);
    const shapes = new Map(variables.map((each) => [each.name, each.tensor.shape]));
    const predicting = buildPredictionGraph(setup, setup.patchSize).variables;
    for (const each of predicting) expect(shapes.get(each.name)).toEqual(each.tensor.shape);
    const model = imageModel({
      network: setup.network,
      normalization: asked.normalization.value,
      classValues: [0, 1],
      smallestSize: setup.patchSize,
      divisor: divisorOfPlan(asked),
      shifted: asked.inferer.value.shifted,
      weights: initialValues(predicting, 1),
    });
    expect(model.graph.outputs.map((output) => output.name)).toEqual(['labels', 'probabilities']);
  }
});

test.each(NETWORK_NAMES)('%s learns from a step, and from the same step the same', async (name) => {
  const setup = { ...setupOfPlan(planNetwork(planFor(1), name, 'tiny'), METHOD_NETWORKS), batchSize: 1 };
  const size = setup.patchSize.reduce((product, n) => product * n, 1);
  const image = Float32Array.from({ length: size }, (_, i) => Math.sin(i));
  const label = image.map((value) => Number(value > 0.5));
  const trained = async () => {
    const trainer = await createSegmentationTrainer(
      setup,
      { batch: () => ({ image, label }) },
      { seed: 1, threads: 1 },
    );
    const before = trainer.save();
    const { loss } = await trainer.advance(10);
    const after = trainer.save();
    await trainer.close();
    const moved = [...after].filter(([key, { data }]) => before.get(key)?.data.some((value, i) => value !== data[i]));
    return { loss, moved: moved.map(([key]) => key), after };
  };
  const [one, other] = [await trained(), await trained()];
  expect(one.loss).toBeGreaterThan(0);
  expect(one.moved.length).toBeGreaterThan(10);
  expect(other.after).toEqual(one.after);
});

test('levels follow the plan, thick slices keep flat kernels', () => {
  const plan = planFor(16, [1, 1, 4]);
  const { value } = planNetwork(plan, 'dyn-unet').network;
  if (value.name !== 'DynUNet') throw new TypeError('another network');
  expect(value.strides[0]).toEqual([1, 1, 1]);
  expect(value.kernelSize[0]).toEqual([1, 3, 3]);
  expect(value.kernelSize.at(-1)).toEqual([3, 3, 3]);
  expect(planNetwork(plan, 'unet', 'small').network.value).toMatchObject({ name: 'UNet' });
  expect(featuresOf(planNetwork(plan, 'unet', 'small').network.value)[0]).toBe(32);
});

test('refuses names and sizes that are none, in words', () => {
  const plan = planFor(1);
  expect(() => planNetwork(plan, 'u-net')).toThrow(/network, got u-net, expected .*trans-unet-plus-plus/);
  expect(() => planNetwork(plan, 'unet', 'huge')).toThrow(/size, got huge, expected .*tiny/);
  const strange = { ...planNetwork(plan, 'trans-unet') };
  expect(() => setupOfPlan(strange)).toThrow(/network, got TransUNetPlusPlus/);
});

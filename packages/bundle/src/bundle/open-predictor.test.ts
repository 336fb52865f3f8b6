import { initialValues, type WeightMap, writeOnnx, writeSafetensors } from '@vesalius/engine';
import {
  buildPredictionGraph,
  connectedComponents,
  divisorOfPlan,
  fingerprintOf,
  imageModel,
  labelMapOf,
  planTraining,
  setupOfPlan,
  sizeOfShape,
  summarizeCase,
} from '@vesalius/medical';
import { createVolume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { openPredictor } from './open-predictor.ts';
import type { OpenBundle } from './read-bundle.ts';

const labels = ['background', 'spot'].map((name, value) => ({ name, value }));
const scan = createVolume({
  voxels: Float32Array.from({ length: 16 ** 3 }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24),
  size: [16, 16, 16],
});
const plan = planTraining(
  fingerprintOf([summarizeCase({ id: 'a', channels: [scan] })], { name: 'toy', channels: [{ name: 'T1' }], labels }),
);
const setup = setupOfPlan(plan);
// A seed whose untrained network answers with several components.
const weights = initialValues(buildPredictionGraph(setup, setup.patchSize).variables, 5);
const model = writeOnnx(
  imageModel({
    network: setup.network,
    normalization: plan.normalization.value,
    classValues: [0, 1],
    smallestSize: sizeOfShape(plan.patchShape.value),
    divisor: divisorOfPlan(plan),
    weights,
  }),
);

async function componentsOf(keepLargest: readonly number[]): Promise<number> {
  const bundle = {
    manifest: { plan, processing: { keepLargest } },
    readModel: async () => model,
    readWeights: async () => writeSafetensors(weights as WeightMap),
  };
  const predictor = await openPredictor(bundle as unknown as OpenBundle, { threads: 1 });
  const found = await predictor.predict([scan]);
  await predictor.close();
  return connectedComponents(labelMapOf(found)).sizes.length - 1;
}

test('keeps the largest component of the classes that the manifest names', async () => {
  expect(await componentsOf([])).toBeGreaterThan(1);
  expect(await componentsOf([1])).toBe(1);
});

test('tells how uncertain each voxel is, and how long each part took', async () => {
  const bundle = {
    manifest: { plan, processing: { keepLargest: [] } },
    readModel: async () => model,
    readWeights: async () => writeSafetensors(weights as WeightMap),
  };
  const predictor = await openPredictor(bundle as unknown as OpenBundle, { threads: 1 });
  const { uncertainty, labels, timesMs } = await predictor.predictInDetail([scan], { uncertainty: true });
  await predictor.close();
  expect(uncertainty?.size).toEqual(labels.size);
  const values = uncertainty?.voxels ?? [];
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThanOrEqual(1);
  // An untrained network is sure of nothing.
  expect(Math.max(...values)).toBeGreaterThan(0.5);
  expect(timesMs.infer).toBeGreaterThan(0);
});

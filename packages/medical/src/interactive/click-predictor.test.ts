import { initialValues } from '@vesalius/engine';
import { createVolume, reorient, type Triple, type Volume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { summarizeCase } from '../planning/case-summary.ts';
import { fingerprintOf } from '../planning/fingerprint.ts';
import { planTraining } from '../planning/plan-training.ts';
import type { TrainingPlan } from '../planning/training-plan.ts';
import { buildPredictionGraph } from '../training/segmentation-graphs.ts';
import { setupOfPlan } from '../training/setup-of-plan.ts';
import { createClickPredictor } from './click-predictor.ts';
import { withClicks } from './with-clicks.ts';

const labels = ['background', 'left', 'right'].map((name, i) => ({ name, value: 10 * i }));

function scanOf(size: Triple): Volume<Float32Array> {
  const voxels = Float32Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => (i * 37) % 251);
  return createVolume({ voxels, size });
}

function planOf(size: Triple): TrainingPlan {
  const summaries = [summarizeCase({ id: 'a', channels: [scanOf(size)] })];
  return planTraining(fingerprintOf(summaries, { name: 'tiny', channels: [{ name: 'MR' }], labels }));
}

const plan = withClicks(planOf([16, 16, 16]));
const open = () => {
  const setup = setupOfPlan(plan);
  const weights = initialValues(buildPredictionGraph(setup, setup.patchSize).variables, 3);
  return createClickPredictor({ plan, weights, threads: 1 });
};
const valueAt = ({ voxels, size }: Volume<Uint8Array>, [x, y, z]: Triple): number | undefined =>
  voxels[x + size[0] * (y + size[1] * z)];

const CLICKS = [
  { voxel: [2, 3, 4], value: 10 },
  { voxel: [3, 3, 4], value: 20 },
  { voxel: [9, 8, 1], value: 0 },
  { voxel: [9, 9, 1], value: 20 },
] as const;

test('every clicked voxel has its class, on the axes and spacing of the scan', async () => {
  const predictor = await open();
  const { size, voxels } = scanOf([14, 12, 10]);
  for (const spacingMm of [1, 1.7]) {
    const voxelToLps = {
      from: 'voxel',
      to: 'lps',
      matrix: [0, spacingMm, 0, 5, -1, 0, 0, 7, 0, 0, 1, -3, 0, 0, 0, 1],
    } as const;
    const scan = createVolume({ voxels, size, voxelToLps });
    const labelled = await predictor.predict([scan], { clicks: CLICKS });
    expect(labelled.size).toEqual(size);
    for (const { voxel, value } of CLICKS) expect(valueAt(labelled, voxel)).toBe(value);
    const again = await predictor.predict([scan], { clicks: CLICKS.slice(0, 1), previous: labelled });
    expect(valueAt(again, CLICKS[0].voxel)).toBe(10);
  }
  await predictor.close();
});

test('a scan and its clicks turned together give the same answer', async () => {
  const predictor = await open();
  const scan = scanOf([16, 12, 10]);
  const plain = await predictor.predict([scan], { clicks: CLICKS });
  const turned = reorient(scan, 'RAS');
  const clicks = CLICKS.map(({ voxel: [x, y, z], value }) => ({ voxel: [15 - x, 11 - y, z] as const, value }));
  const answer = await predictor.predict([turned], { clicks });
  expect(reorient(answer, 'LPS').voxels).toEqual(plain.voxels);
  await predictor.close();
});

test('a large scan changes in a patch about the last click only', async () => {
  const predictor = await open();
  const scan = scanOf([100, 100, 20]);
  const previous = createVolume({ voxels: new Uint8Array(scan.voxels.length).fill(20), size: scan.size });
  const answer = await predictor.predict([scan], { clicks: [{ voxel: [5, 6, 7], value: 10 }], previous });
  expect(valueAt(answer, [5, 6, 7])).toBe(10);
  const [wide = 0] = plan.patchShape.value;
  expect(valueAt(answer, [5 + wide + 1, 6, 7])).toBe(20);
  expect(valueAt(answer, [99, 99, 19])).toBe(20);
  await predictor.close();
});

test.each([
  ['LABEL_OUT_OF_RANGE', { voxel: [1, 1, 1], value: 7 }],
  ['INVALID_ARGUMENT', { voxel: [1, 16, 1], value: 10 }],
] as const)('refuses with %s', async (code, click) => {
  const predictor = await open();
  await expect(predictor.predict([scanOf([16, 16, 16])], { clicks: [click] })).rejects.toThrow(code);
  await predictor.close();
});

test('refuses a label map of another grid, and a plan without clicks', async () => {
  const predictor = await open();
  const previous = createVolume({ voxels: new Uint8Array(8 ** 3), size: [8, 8, 8] });
  await expect(predictor.predict([scanOf([16, 16, 16])], { previous })).rejects.toThrow('GEOMETRY_MISMATCH');
  await predictor.close();
  await expect(createClickPredictor({ plan: planOf([16, 16, 16]), weights: new Map() })).rejects.toThrow('clicks');
});

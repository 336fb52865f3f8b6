import { initialValues } from '@vesalius/engine';
import {
  buildPredictionGraph,
  fingerprintOf,
  generatePhantom,
  planTraining,
  setupOfPlan,
  summarizeCase,
  type TrainingPlan,
} from '@vesalius/medical';
import { expect, test } from 'vitest';
import { createAttentionReader } from './attention-reader.ts';
import { METHOD_NETWORKS } from './method-networks.ts';
import { takesMissingChannels } from './missing-channels.ts';
import { planNetwork } from './plan-network.ts';

function planFor(network: string, modality = 'MRI'): TrainingPlan {
  const { image, label } = generatePhantom('plan', { size: [32, 32, 16], spacingMm: [4, 4, 4] });
  const summary = summarizeCase({ id: 'a', channels: [image, image], label });
  const labels = [0, 1, 2].map((value) => ({ value, name: String(value) }));
  const channels = [{ name: modality }, { name: 'T2' }];
  return planNetwork(planTraining(fingerprintOf([summary], { name: 'test', channels, labels })), network, 'tiny');
}

function readerOf(plan: TrainingPlan) {
  const setup = setupOfPlan(plan, METHOD_NETWORKS);
  const weights = initialValues(buildPredictionGraph(setup, setup.patchSize).variables, 3);
  return createAttentionReader({ plan, weights, threads: 1 });
}

test.each(['mm-former', 'disentangled'])(
  '%s: shares on the grid of the scan, none for a channel that is missing',
  async (network) => {
    const reader = await readerOf(planFor(network));
    const { image: scan } = generatePhantom('scan', { size: [41, 32, 16], spacingMm: [4, 3.5, 4] });
    const [one, other] = await reader.read([scan, scan]);
    expect(one?.size).toEqual(scan.size);
    expect(one?.voxelToLps).toEqual(scan.voxelToLps);
    for (let i = 0; i < scan.voxels.length; i += 97) {
      expect(one?.voxels[i]).toBeGreaterThan(0);
      expect((one?.voxels[i] ?? 0) + (other?.voxels[i] ?? 0)).toBeCloseTo(1, 4);
    }
    const empty = { ...scan, voxels: new Float32Array(scan.voxels.length) };
    const [gone, left] = await reader.read([empty, scan]);
    expect(Math.max(...(gone?.voxels ?? [1]))).toBe(0);
    expect(Math.min(...(left?.voxels ?? [0]))).toBeCloseTo(1, 4);
    await reader.close();
  },
);

test('another network says so', async () => {
  await expect(readerOf(planFor('trans-unet'))).rejects.toThrow('FILE_UNSUPPORTED: attention of a network');
});

test('channels may be missing where each has an encoder, unless they are scaled as Hounsfield units', () => {
  for (const network of ['mm-former', 'disentangled']) expect(takesMissingChannels(planFor(network))).toBe(true);
  expect(takesMissingChannels(planFor('mm-former', 'CT'))).toBe(false);
  expect(takesMissingChannels(planFor('unet'))).toBe(false);
});

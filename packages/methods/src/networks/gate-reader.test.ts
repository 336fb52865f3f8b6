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
import { createGateReader } from './gate-reader.ts';
import { METHOD_NETWORKS } from './method-networks.ts';
import { planNetwork } from './plan-network.ts';

type Size = readonly [number, number, number];

function planFor(size: Size, network: string): TrainingPlan {
  const { image, label } = generatePhantom('plan', { size, spacingMm: [4, 4, 4] });
  const summary = summarizeCase({ id: 'a', channels: [image], label });
  const labels = [0, 1, 2].map((value) => ({ value, name: String(value) }));
  const plan = planTraining(fingerprintOf([summary], { name: 'test', channels: [{ name: 'MRI' }], labels }));
  return planNetwork(plan, network, 'tiny');
}

function readerOf(plan: TrainingPlan) {
  const setup = setupOfPlan(plan, METHOD_NETWORKS);
  const weights = initialValues(buildPredictionGraph(setup, setup.patchSize).variables, 3);
  // Scores begin at 0, shares at one half: with other weights they differ from place to place.
  for (const [name, { data }] of weights)
    if (name.includes('place_gate')) for (const i of data.keys()) data[i] = Math.sin(i + 1);
  return createGateReader({ plan, weights, threads: 1 });
}

test.each([
  ['a picture', [32, 32, 1]],
  ['a volume', [32, 32, 16]],
] as const)('the gates of %s: shares on its own grid and a weight for every channel', async (_, size) => {
  const reader = await readerOf(planFor(size, 'trans-unet-plus-plus'));
  const { image: scan } = generatePhantom('scan', { size: [size[0] + 9, size[1], size[2]], spacingMm: [4, 3.5, 4] });
  const maps = await reader.read([scan]);
  await reader.close();
  expect(maps.map(({ node }) => node)).toEqual(['0.1', '0.2', '1.1']);
  for (const { node, places, channels } of maps) {
    const [level, column] = node.split('.').map(Number) as [number, number];
    expect(places.size).toEqual(scan.size);
    expect(places.voxelToLps).toEqual(scan.voxelToLps);
    expect(channels).toHaveLength(16 * 2 ** level * column);
    for (const value of [...places.voxels, ...channels]) expect(value > 0 && value < 1).toBe(true);
    expect(new Set(places.voxels).size).toBeGreaterThan(10);
  }
});

test('a network without gates says so', async () => {
  for (const network of ['unet', 'trans-unet', 'unet-plus-plus'])
    await expect(readerOf(planFor([32, 32, 1], network))).rejects.toThrow('FILE_UNSUPPORTED: explanation of a network');
});

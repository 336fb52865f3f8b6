import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialValues, writeOnnx } from '@vesalius/engine';
import {
  buildPredictionGraph,
  createVolumePredictor,
  fingerprintOf,
  generatePhantom,
  planTraining,
  setupOfPlan,
  summarizeCase,
} from '@vesalius/medical';
import { createAttentionReader, METHOD_NETWORKS, planNetwork } from '@vesalius/methods';
import { afterAll, expect, test } from 'vitest';
import { emptyOn } from '../datasets/read-case.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { exportModel } from '../training/export-model.ts';
import { weighModalities } from './weigh-modalities.ts';
import { writeModalityWeights } from './write-modality-weights.ts';

const { image, label } = generatePhantom('weigh', { size: [32, 32, 16], spacingMm: [4, 4, 4] });
const other = { ...image, voxels: Float32Array.from(image.voxels, (value, i) => Math.sin(i) * Number(value)) };
const summary = summarizeCase({ id: 'a', channels: [image, other, image], label });
const labels = [0, 1, 2].map((value) => ({ value, name: ['background', 'core', '<b>rim'][value] ?? '' }));
const names = ['t1', 't2', 'flair'];
const channels = names.map((name) => ({ name }));
const plan = planNetwork(planTraining(fingerprintOf([summary], { name: 'test', channels, labels })), 'mm-former');
const setup = setupOfPlan(plan, METHOD_NETWORKS);
const weights = initialValues(buildPredictionGraph(setup, setup.patchSize).variables, 3);
const model = writeOnnx(exportModel(plan, weights));
const predictor = await createVolumePredictor({ plan, methods: METHOD_NETWORKS, model, weights, threads: 1 });
const reader = await createAttentionReader({ plan, weights, threads: 1 });
const asked = { predictor, reader, signal: new AbortController().signal };
afterAll(async () => {
  await predictor.close();
  await reader.close();
});

test('a modality that is missing gets no attention and is not left out; the others change what is found', async () => {
  const scan = [image, other, emptyOn(image)];
  const found = await predictor.predict(scan);
  const [t1, t2, flair] = await weighModalities({ channels: scan, names, labels: found, classes: plan.classes }, asked);
  expect(flair).toMatchObject({ there: false, attention: { everywhere: 0, inFindings: 0 } });
  expect(flair?.leaveOneOut).toBeUndefined();
  for (const modality of [t1, t2]) {
    expect(modality?.leaveOneOut?.all).toBeGreaterThan(0);
    expect(modality?.leaveOneOut?.all).toBeLessThanOrEqual(1);
  }
  expect((t1?.attention.inFindings ?? 0) + (t2?.attention.inFindings ?? 0)).toBeCloseTo(1, 4);
  const alone = await predictor.predict([image, emptyOn(image), emptyOn(image)]);
  expect(t2?.labelsWithout?.voxels).toEqual(alone.voxels);
});

test('writes numbers, maps and a page in which names are text', async () => {
  using folder = temporaryFolder();
  const scan = { channels: [image, other, image], names, labels: await predictor.predict([image, other, image]) };
  const weighed = { ...scan, classes: plan.classes };
  await writeModalityWeights(folder.path, {
    name: 'a&b',
    scan: weighed,
    weights: await weighModalities(weighed, asked),
  });
  const { modalities } = JSON.parse(readFileSync(join(folder.path, 'modalities.json'), 'utf8'));
  expect(modalities.map(({ name }: { name: string }) => name)).toEqual(names);
  const sum = modalities.reduce(
    (total: number, { attention }: (typeof modalities)[0]) => total + attention.everywhere,
    0,
  );
  expect(sum).toBeCloseTo(1, 3);
  for (const { map } of modalities) expect(readFileSync(join(folder.path, map)).length).toBeGreaterThan(100);
  const page = readFileSync(join(folder.path, 'modalities.html'), 'utf8');
  expect(page).toContain('a&#38;b');
  expect(page).not.toContain('<b>rim');
  expect(page.match(/<figure>/g)).toHaveLength(3);
});

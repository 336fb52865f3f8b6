import { join } from 'node:path';
import { createVolume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeTinyBundle } from '../testing/tiny-bundle.ts';
import { openPredictor } from './open-predictor.ts';
import { readBundle } from './read-bundle.ts';

const scan = createVolume({ voxels: Float32Array.from({ length: 16 ** 3 }, (_, i) => i % 251), size: [16, 16, 16] });
const clicks = [0, 1].map((value) => ({ voxel: [3 + value, 4, 5] as const, value }));

test('a bundle trained with clicks answers with and without them', async () => {
  using folder = temporaryFolder();
  await writeTinyBundle(join(folder.path, 'bundle'), { keys: folder.path, interactive: true });
  const bundle = await readBundle(join(folder.path, 'bundle'));
  expect(bundle.manifest.interaction?.kind).toBe('clicks');
  const predictor = await openPredictor(bundle, { threads: 1 });
  const previous = await predictor.predict([scan]);
  const { labels } = await predictor.predictInDetail([scan], { clicks, previous });
  expect([labels.voxels[3 + 16 * (4 + 16 * 5)], labels.voxels[4 + 16 * (4 + 16 * 5)]]).toEqual([0, 1]);
  await predictor.close();
});

test('any other bundle refuses clicks', async () => {
  using folder = temporaryFolder();
  await writeTinyBundle(join(folder.path, 'bundle'), { keys: folder.path });
  const predictor = await openPredictor(await readBundle(join(folder.path, 'bundle')), { threads: 1 });
  await expect(predictor.predictInDetail([scan], { clicks })).rejects.toThrow('INVALID_ARGUMENT');
  await predictor.close();
});

import { ops as $ } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { predictWithContributions } from './modality-contributions.ts';
import { type ModalityModel, modalityOf } from './modality-model.ts';
import { createModalityPredictor } from './modality-predictor.ts';

const setup = { channels: 3, classes: 2, patchSize: [4, 4, 4] } as const;

/** Finds what is above 1 in the first modality or above 1 in the second; never looks at the third. */
const either: ModalityModel = (_scope, inputs) => {
  const brightest = $.maximum(modalityOf(inputs, 0), modalityOf(inputs, 1));
  return { logits: $.concat([$.mul(brightest, 0), $.sub(brightest, 1)], 1), readings: { shares: inputs.mask } };
};

const voxels = 6 * 4 * 4;
const data = Float32Array.from({ length: 3 * voxels }, (_, i) => {
  const [m, at] = [Math.floor(i / voxels), i % voxels];
  if (m === 2) return 5;
  return m === 0 ? (at < 30 ? 3 : 0) : at >= 20 && at < 30 ? 3 : 0;
});
const image = { data, shape: [3, 6, 4, 4] } as const;

test('says how much of what was found hangs on each modality', async () => {
  const predictor = await createModalityPredictor(either, { setup, weights: new Map(), threads: 1 });
  const all = await predictWithContributions(predictor, image, [1, 1, 1]);
  const two = await predictWithContributions(predictor, image, [1, 0, 1]);
  const alone = await predictWithContributions(predictor, image, [0, 1, 0]);
  await predictor.close();
  // 30 voxels with both, 10 of them without the first.
  expect(all.leaveOneOut[0]).toBeCloseTo(1 - 20 / 40, 6);
  expect(all.leaveOneOut.slice(1)).toEqual([0, 0]);
  expect(two.leaveOneOut).toEqual([1, 0, 0]);
  expect(alone.leaveOneOut).toEqual([0, 1, 0]);
  expect(all.shares).toEqual({ shares: [1, 1, 1] });
});

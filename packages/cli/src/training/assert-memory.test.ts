import type { TrainingPlan } from '@vesalius/medical';
import { expect, test } from 'vitest';
import { assertMemory } from './assert-memory.ts';

const GIBIBYTE = 2 ** 30;
const choice = <T>(value: T) => ({ value, why: '' });
const planOf = (batch: number, side: number): TrainingPlan =>
  ({
    batchSize: choice(batch),
    patchShape: choice([side, side, side]),
    network: choice({ name: 'UNet', inChannels: 1, outChannels: 2, channels: [16, 32], strides: [[2, 2, 2]] }),
  }) as unknown as TrainingPlan;

test('lets a plan pass that may fit', () => {
  expect(() => assertMemory(planOf(2, 64), GIBIBYTE)).not.toThrow();
});

test('refuses a plan that cannot fit, with what it needs at least and what there is', () => {
  // 2 x 512^3 voxels of 4 bytes are 1 GiB: image, label, two classes and 16 / 8 features, the last two with gradients.
  expect(() => assertMemory(planOf(2, 512), 8 * GIBIBYTE)).toThrow(
    'OUT_OF_MEMORY: a training step on 2 patches of 512 x 512 x 512, got at least 10.0 GiB, expected at most 8.0 GiB',
  );
});

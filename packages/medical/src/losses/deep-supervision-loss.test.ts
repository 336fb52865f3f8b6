import { ops as $ } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import { type DeepSupervisionOptions, deepSupervisionLoss } from './deep-supervision-loss.ts';
import { diceLoss } from './dice-loss.ts';

goldenLossTests<DeepSupervisionOptions>('deep-supervision-loss', (predictions, { target }, options) => {
  const sides = target.shape[1] === 1 ? { softmax: true, toOnehotY: true } : { sigmoid: true };
  return deepSupervisionLoss(predictions, target, { ...options, loss: (x, y) => diceLoss(x, y, sides) });
});

test('refuses fewer weights than levels', () => {
  const levels = [$.input('a', [1, 1, 4]), $.input('b', [1, 1, 2])];
  expect(() => deepSupervisionLoss(levels, $.input('t', [1, 1, 4]), { loss: $.sub, weights: [1] })).toThrow(
    'INVALID_ARGUMENT: deepSupervisionLoss',
  );
});

import { ops as $, compile, type Tensor } from '@vesalius/engine';
import { checkGradients } from '@vesalius/engine/testing/check-gradients';
import { expect, test } from 'vitest';
import { rarityWeightedLoss } from './rarity-weighted-loss.ts';

async function lossOf(loss: Tensor): Promise<number> {
  const program = await compile({ outputs: { loss }, states: {} }, { threads: 1 });
  const found = Number((await program.run({}))['loss']?.data[0]);
  await program.close();
  return found;
}

/** Four voxels of two classes, the second rare; probabilities of the second by voxel. */
const label = $.constant([0, 0, 0, 1], [1, 1, 2, 2]);
const logitsFor = (p: readonly number[]): Tensor =>
  $.constant([...p.map((x) => Math.log(1 - x)), ...p.map((x) => Math.log(x))], [1, 2, 2, 2]);

test('adds cross entropy weighted by rarity and Dice over all classes', async () => {
  const p = [0.1, 0.2, 0.3, 0.6];
  const entropy = -(0.25 * (Math.log(0.9) + Math.log(0.8) + Math.log(0.7)) + 0.75 * Math.log(0.6)) / 4;
  const dice = [
    (2 * (0.9 + 0.8 + 0.7)) / (0.9 + 0.8 + 0.7 + 0.4 + 3),
    (2 * 0.6) / (0.1 + 0.2 + 0.3 + 0.6 + 1),
  ] as const;
  const expected = entropy + 1 - (dice[0] + dice[1]) / 2;
  expect(await lossOf(rarityWeightedLoss(logitsFor(p), label))).toBeCloseTo(expected, 5);
});

test('a hopeless voxel costs no more than a probability of 0.005', async () => {
  const cost = await lossOf(rarityWeightedLoss(logitsFor([0.5, 0.5, 0.5, 1e-9]), label));
  const least = await lossOf(rarityWeightedLoss(logitsFor([0.5, 0.5, 0.5, 0.0049]), label));
  expect(Math.abs(cost - least)).toBeLessThan(0.01);
});

test('its gradient is that of central differences', async () => {
  const { first } = await checkGradients([[1, 2, 2, 2]], ([logits]) => rarityWeightedLoss(logits as Tensor, label));
  expect(first.error).toBeLessThan(1e-6);
});

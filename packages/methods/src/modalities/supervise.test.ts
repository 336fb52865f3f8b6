import { ops as $, compile, type Tensor } from '@vesalius/engine';
import { rarityWeightedLoss } from '@vesalius/medical';
import { expect, test } from 'vitest';
import { superviseLevels } from './supervise.ts';

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

test('coarse levels are held against the label at their size, added up or averaged', async () => {
  const fine = logitsFor([0.1, 0.2, 0.3, 0.6]);
  const coarse = $.constant([0, 0], [1, 2, 1, 1]);
  const levels = [fine, coarse];
  const small = $.constant([1], [1, 1, 1, 1]);
  const [own, rough] = [await lossOf(rarityWeightedLoss(fine, label)), await lossOf(rarityWeightedLoss(coarse, small))];
  expect(await lossOf(superviseLevels(levels, label, 'same'))).toBeCloseTo(own + rough, 5);
  expect(await lossOf(superviseLevels(levels, label, 'exp'))).toBeCloseTo((2 * own + rough) / 3, 5);
});

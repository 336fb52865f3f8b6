import type { Tensor } from '@vesalius/engine';
import { deepSupervisionLoss, rarityWeightedLoss } from '@vesalius/medical';

/**
 * The loss of every level; the label is brought to each level's size.
 *
 * @param logits - the finest first
 * @param weightMode - `same` adds the levels up, `exp` averages them, each half of the one before
 */
export function superviseLevels(logits: readonly Tensor[], label: Tensor, weightMode: 'same' | 'exp'): Tensor {
  return deepSupervisionLoss(logits, label, { loss: rarityWeightedLoss, weightMode, normalize: weightMode === 'exp' });
}

import { ops as $, range, type Tensor } from '@vesalius/engine';
import type { ModalityModel } from '../modalities/modality-model.ts';
import { superviseLevels } from '../modalities/supervise.ts';
import { type MmFormerOptions, mmFormer } from './mm-former.ts';

/**
 * mmFormer with its losses: what is fused at every level, and what each modality alone gives. Readings: `attention` `[B, M]`, the mean over all places.
 *
 * Of the levels the finest weighs most, and all modalities alone as much as what is fused. As published all levels and modalities add up; of a short
 * training that leaves an eighth to the answer, and it learns more slowly.
 *
 * Every modality is supervised alone, also those that the mask takes away: it hides them from the fusion, not from the training.
 *
 * @source Zhang et al. 2022, mmFormer
 */
export function mmFormerModel(options: MmFormerOptions): ModalityModel {
  return (scope, inputs) => {
    const { logits, auxiliary, attention } = mmFormer(scope, inputs, options);
    const answer = {
      logits: logits[0] as Tensor,
      readings: { attention: $.mean(attention, range(attention.shape.length - 2, 2), false) },
    };
    const { label, mask } = inputs;
    if (!label) return answer;
    const modalities = mask.shape[1] as number;
    const labels = $.concat(
      Array.from({ length: modalities }, () => label),
      0,
    );
    const alone = superviseLevels(auxiliary, labels, 'exp');
    return { ...answer, loss: $.add(superviseLevels(logits, label, 'exp'), alone) };
  };
}

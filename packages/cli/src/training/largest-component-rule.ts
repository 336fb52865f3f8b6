import { type LargestComponentTrial, withLargestOnly } from '@vesalius/bundle';
import { computeDice, meanOfNumbers, type TrainingPlan } from '@vesalius/medical';
import type { Volume } from '@vesalius/volume';
import { asClasses } from './evaluate-model.ts';

/** Dice of each class but the background, were only the largest component kept of the plan's candidates. */
export function diceOfLargest(
  { prediction, truth }: { prediction: Volume<Uint8Array>; truth: Volume },
  { classes, keepLargestCandidates }: TrainingPlan,
): number[] {
  const cleaned = withLargestOnly(prediction, keepLargestCandidates.value);
  const options = { numClasses: classes.length, includeBackground: false };
  return computeDice(asClasses(cleaned, classes), asClasses(truth, classes), options);
}

/**
 * What the rule does to the mean Dice of each candidate on cases that were not trained on; it is to be applied to those it
 * raises. A component that is dropped becomes background, so no other class can lose by it.
 *
 * @source Isensee et al. 2021, nnU-Net: empirical choice of the post-processing
 */
export function tryLargestOnly(
  cases: readonly { readonly dice: readonly number[]; readonly diceOfLargest: readonly number[] }[],
  { classes, keepLargestCandidates }: TrainingPlan,
): LargestComponentTrial[] {
  const trials = keepLargestCandidates.value.map((value) => {
    const column = classes.findIndex((item) => item.value === value) - 1;
    const dice = meanOfNumbers(cases.map((item) => item.dice[column] as number));
    const cleaned = meanOfNumbers(cases.map((item) => item.diceOfLargest[column] as number));
    return { value, dice, diceOfLargest: cleaned, applied: cleaned > dice };
  });
  return trials.filter(({ dice }) => Number.isFinite(dice));
}

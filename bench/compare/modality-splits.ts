import { kFoldSplits } from '@vesalius/medical';
import type { ModalityCase } from './modality-cases.ts';
import type { ModalityComparison } from './modality-figure.ts';
import type { ModalityRun } from './modality-runs.ts';

/** Every method on every fold with every seed: folds by patient, the same for all. */
export function runsOf(
  { methods, folds, seeds, steps, quick }: Pick<ModalityComparison, 'methods' | 'folds' | 'seeds' | 'steps' | 'quick'>,
  cases: readonly ModalityCase[],
): ModalityRun[] {
  const splits = kFoldSplits(
    cases.map(({ id }) => ({ id, patient: id })),
    folds,
    'modalities',
  );
  const pick = (ids: readonly string[]) => cases.filter(({ id }) => ids.includes(id));
  return seeds.flatMap((seed) =>
    splits.slice(0, quick ? 1 : folds).flatMap(({ training, validation }, fold) =>
      methods.map((method) => {
        const sides = { training: pick(training), tested: pick(validation).slice(0, quick ? 1 : cases.length) };
        return { method, seed, fold, ...sides, steps: steps(method) };
      }),
    ),
  );
}

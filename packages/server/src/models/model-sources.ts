import type { ModelSource } from '@vesalius/api';
import type { BundleManifest } from '@vesalius/bundle';
import type { LabelSource, Model } from './model-registry.ts';

/** What each label map was used for; those that the bundle does not name were left out. */
export function usedSources(sources: readonly LabelSource[], { training, validation }: BundleManifest['split']) {
  const uses = new Map<string, ModelSource['use']>([
    ...training.map((id) => [id, 'training'] as const),
    ...validation.map((id) => [id, 'validation'] as const),
  ]);
  return sources.flatMap((source): ModelSource[] => {
    const use = uses.get(source.case);
    return use ? [{ ...source, use }] : [];
  });
}

export function summaryOf(sources: readonly ModelSource[]): NonNullable<Model['trainedOn']> {
  const learned = sources.filter(({ use }) => use === 'training');
  return {
    studies: new Set(learned.map(({ study }) => study)).size,
    series: learned.length,
    validationSeries: sources.length - learned.length,
    annotatorSeconds: learned.reduce((sum, { secondsSpent }) => sum + secondsSpent, 0),
  };
}

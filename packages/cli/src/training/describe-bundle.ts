import type { BundleContents, BundleManifest, LargestComponentTrial, MetricInterval } from '@vesalius/bundle';
import { programVersions } from '../program-version.ts';
import type { TrainedModel } from './train-model.ts';
import type { TrainToBundleOptions } from './train-to-bundle.ts';

interface Outcome {
  readonly trained: TrainedModel;
  readonly metrics: readonly MetricInterval[];
  readonly trials: readonly LargestComponentTrial[];
}

/** What the bundle says of itself. */
export function describeBundle(
  options: TrainToBundleOptions,
  { trained, metrics, trials }: Outcome,
): Pick<BundleContents, 'manifest' | 'metadata'> {
  const { dataset, report, plan, recipe, split, seed, threads } = options;
  const manifest: BundleManifest = {
    format: 'vesalius-manifest/1',
    name: recipe?.name ?? dataset.name,
    version: '1.0.0',
    created: new Date().toISOString(),
    task: 'segmentation',
    channels: dataset.channels,
    classes: plan.classes,
    processing: {
      orientation: plan.orientation.value,
      spacingMm: plan.targetSpacingMm.value,
      normalization: plan.normalization.value,
      normalizationInside: true,
      roiShape: plan.inferer.value.roiShape,
      overlap: plan.inferer.value.overlap,
      keepLargest: trials.filter(({ applied }) => applied).map(({ value }) => value),
    },
    ...(plan.interaction && { interaction: plan.interaction.value }),
    data: { name: dataset.name, layout: dataset.layout, files: report.cases.flatMap(({ files }) => files) },
    split,
    seed,
    versions: programVersions(),
    recipe: { name: recipe?.name ?? null, gate: recipe?.gate ?? null, threads, stepRevisions: trained.revisions },
    plan,
    training: {
      steps: trained.steps,
      seconds: trained.seconds,
      cpuSeconds: trained.cpuSeconds,
      history: trained.history,
    },
    metrics,
    largestComponentTrials: trials,
    parent: null,
    privacyLedger: [],
  };
  return {
    manifest,
    metadata: {
      description: recipe?.title ?? `Segmentation trained on ${dataset.name}`,
      authors: 'trained with Vesalius',
      copyright: 'as chosen by the owner of the training',
      intendedUse: 'Research; not for diagnosis.',
      inputName: 'image',
      outputName: 'labels',
      output: 'labels',
    },
  };
}

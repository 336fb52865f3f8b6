import { cpus } from 'node:os';
import type { BundleManifest } from '@vesalius/bundle';
import { featuresOf, meanOfNumbers, nameOfNetwork, type VolumePredictor } from '@vesalius/medical';
import type { DataReport } from '../datasets/data-report.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { overlayPictures } from '../report/overlay-pictures.ts';
import { pickCases } from '../report/pick-cases.ts';
import { renderReport } from '../report/render-report.ts';
import type { CaseScores, ReportCase } from '../report/training-report.ts';
import { durationText } from '../run/progress.ts';
import { type CaseFigures, evaluateCases } from './evaluate-model.ts';

export interface ReportParts {
  readonly manifest: BundleManifest;
  readonly report: DataReport;
  readonly figures: readonly CaseFigures[];
  /** By `showCases`. */
  readonly shown: readonly ReportCase[];
}

/** The page that shows how a training went and what its model does, as HTML. */
export function trainingReport({ manifest, report, figures, shown }: ReportParts): string {
  const classNames = classNamesOf(manifest);
  const cases = figures.map((item) => scoresOf(item, classNames));
  return renderReport({
    title: manifest.name,
    summary: `A ${nameOfNetwork(manifest.plan.network.value)} trained on ${manifest.split.training.length} cases and measured on ${cases.length} it has not seen.`,
    facts: factsOf(manifest),
    classNames,
    history: manifest.training.history,
    metrics: manifest.metrics,
    cases,
    shown,
    warnings: report.warnings.map(({ text, cases: concerned }) => `${text} (${concerned.length} cases)`),
  });
}

function classNamesOf({ classes }: BundleManifest): string[] {
  return classes.slice(1).map(({ name }) => name);
}

function scoresOf({ id, dice }: CaseFigures, classNames: readonly string[]): CaseScores {
  return {
    id,
    meanDice: meanOfNumbers(dice),
    dice: Object.fromEntries(classNames.map((name, i) => [name, dice[i] ?? Number.NaN])),
  };
}

function factsOf({ data, split, training, seed, versions, plan }: BundleManifest): { name: string; value: string }[] {
  return [
    {
      name: 'Data',
      value: `${data.name}: ${split.training.length} cases to train on, ${split.validation.length} to measure`,
    },
    {
      name: 'Network',
      value: `${nameOfNetwork(plan.network.value)}, features ${featuresOf(plan.network.value).join('-')}`,
    },
    { name: 'Patch', value: `${plan.patchShape.value.join(' x ')} voxels, ${plan.batchSize.value} at once` },
    { name: 'Training', value: `${training.steps} steps in ${durationText(training.seconds)}, seed ${seed}` },
    { name: 'Machine', value: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores` },
    {
      name: 'Versions',
      value: Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    },
  ];
}

/** Predicts the cases worth seeing once more, for their pictures: all predictions at once may not fit into memory. */
export async function showCases(
  figures: readonly CaseFigures[],
  { manifest, dataset, predictor }: { manifest: BundleManifest; dataset: Dataset; predictor: VolumePredictor },
): Promise<ReportCase[]> {
  const classNames = classNamesOf(manifest);
  const picked = pickCases(figures.map((item) => scoresOf(item, classNames)));
  const wanted = dataset.cases.filter(({ id }) => picked.some(({ scores }) => scores.id === id));
  const pictures = new Map<string, ReportCase['pictures']>();
  for await (const { id, scan, truth, prediction } of evaluateCases(predictor, {
    dataset,
    cases: wanted,
    plan: manifest.plan,
  })) {
    const classValues = manifest.classes.slice(1).map(({ value }) => value);
    pictures.set(id, await overlayPictures({ image: scan, truth, prediction, classValues }));
  }
  return picked.map(({ caption, scores }) => ({ caption, scores, pictures: pictures.get(scores.id) ?? [] }));
}

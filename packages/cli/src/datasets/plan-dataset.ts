import {
  type DatasetFingerprint,
  fingerprintOf,
  type PlanOptions,
  planTraining,
  type TrainingPlan,
} from '@vesalius/medical';
import type { DataReport } from './data-report.ts';
import type { Dataset } from './dataset.ts';

/** The fingerprint of checked data: labelled cases, or all where none is labelled. */
function fingerprintDataset(dataset: Dataset, { cases, labels }: DataReport): DatasetFingerprint {
  const summaries = cases.map(({ summary }) => summary);
  const labelled = summaries.filter(({ classVoxels }) => classVoxels);
  const { name, channels } = dataset;
  return fingerprintOf(labelled.length > 0 ? labelled : summaries, { name, channels, labels });
}

/** The plan for checked data. */
export function planDataset(dataset: Dataset, report: DataReport, options: PlanOptions = {}): TrainingPlan {
  return planTraining(fingerprintDataset(dataset, report), options);
}

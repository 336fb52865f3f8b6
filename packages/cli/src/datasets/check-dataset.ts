import { fileErrorOf } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import { type CaseSummary, type LabelClass, summarizeCase } from '@vesalius/medical';
import { stopIfInterrupted } from '../interruption.ts';
import { type CheckedCase, type DataError, type DataReport, dataError } from './data-report.ts';
import type { Dataset, DatasetCase } from './dataset.ts';
import { findWarnings } from './find-warnings.ts';
import { type LoadedCase, readCase } from './read-case.ts';

export interface CheckDatasetOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number; readonly caseId: string }) => void;
}

/**
 * Reads every case once, one at a time, before anything is trained on it: geometry, label values, numbers that are none,
 * unusual brightness, duplicates. On the way it measures what the plan needs and hashes what the manifest records.
 *
 * @throws INTERRUPTED; everything wrong with the data stands in the report
 */
export async function checkDataset(
  dataset: Dataset,
  { signal, onProgress }: CheckDatasetOptions = {},
): Promise<DataReport> {
  const cases: CheckedCase[] = [];
  const errors: DataError[] = [];
  for (const [index, item] of dataset.cases.entries()) {
    stopIfInterrupted(signal);
    const checked = await checkCase(dataset, item);
    if ('code' in checked) errors.push(checked);
    else cases.push(checked);
    onProgress?.({ done: index + 1, total: dataset.cases.length, caseId: item.id });
  }
  const labels = dataset.labels.length > 0 ? dataset.labels : labelsFoundIn(cases);
  errors.push(...cases.flatMap((item) => labelError(item, dataset, labels) ?? []));
  return { cases, labels, errors, warnings: findWarnings(cases, dataset, labels) };
}

async function checkCase(dataset: Dataset, item: DatasetCase): Promise<CheckedCase | DataError> {
  try {
    const { files, ...loaded } = await readCase(dataset, item);
    return { id: item.id, summary: summaryOf(loaded), files };
  } catch (cause) {
    const error = fileErrorOf(cause);
    if (error instanceof VesaliusError) return dataError(item.id, error);
    throw error;
  }
}

function summaryOf({ id, channels, label }: Omit<LoadedCase, 'files'>): CaseSummary {
  return summarizeCase({ id, channels, ...(label ? { label } : {}) });
}

/** Whole numbers only; others are reported as errors of their case. */
function labelsFoundIn(cases: readonly CheckedCase[]): LabelClass[] {
  const values = new Set(
    cases.flatMap(({ summary }) => Object.keys(summary.classVoxels ?? {}).map(Number)).filter(isLabelValue),
  );
  if (values.size > 0) values.add(0);
  return [...values]
    .sort((a, b) => a - b)
    .map((value) => ({ value, name: value === 0 ? 'background' : `class ${value}` }));
}

function isLabelValue(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}

function labelError(
  { id, summary }: CheckedCase,
  dataset: Dataset,
  labels: readonly LabelClass[],
): DataError | undefined {
  const expected = labels.map(({ value }) => value);
  const wrong = Object.keys(summary.classVoxels ?? {})
    .map(Number)
    .filter((value) => !expected.includes(value));
  if (wrong.length === 0) return undefined;
  const file = dataset.cases.find((known) => known.id === id)?.label;
  const details = { what: 'label values', got: wrong.slice(0, 5), expected, ...(file !== undefined && { file }) };
  return dataError(id, new VesaliusError('LABEL_OUT_OF_RANGE', details));
}

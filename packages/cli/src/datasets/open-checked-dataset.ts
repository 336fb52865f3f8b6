import type { CommandContext } from '../commands/command.ts';
import { showProgress } from '../run/progress.ts';
import { checkDataset } from './check-dataset.ts';
import { assertSoundData, type DataReport } from './data-report.ts';
import type { Dataset } from './dataset.ts';
import { type OpenDatasetOptions, openDataset } from './open-dataset.ts';
import { printDataReport } from './print-data-report.ts';

export interface CheckedDataset {
  readonly dataset: Dataset;
  readonly report: DataReport;
}

/**
 * Opens a data folder and reads every case once, showing how far it is and what is unusual.
 *
 * @throws as `openDataset`, and the first error in the data
 */
export async function openCheckedDataset(
  folder: string,
  options: OpenDatasetOptions,
  context: Pick<CommandContext, 'stderr' | 'json' | 'signal'>,
): Promise<CheckedDataset> {
  const dataset = await openDataset(folder, options);
  const progress = showProgress(context.stderr, { label: 'Checking', json: context.json });
  const report = await checkDataset(dataset, {
    signal: context.signal,
    onProgress: ({ done, total, caseId }) => progress.update({ done, total, note: caseId }),
  });
  progress.finish(`${report.cases.length} cases checked`);
  printDataReport(report, context);
  assertSoundData(report);
  return { dataset, report };
}

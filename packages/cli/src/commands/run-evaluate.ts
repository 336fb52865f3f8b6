import { resolve } from 'node:path';
import { openPredictor, readBundle } from '@vesalius/bundle';
import { writeFileAtomic } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import { takesMissingChannels } from '@vesalius/methods';
import { labelledCases } from '../datasets/labelled-cases.ts';
import { channelsLeft } from '../datasets/leave-out-channels.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { showProgress } from '../run/progress.ts';
import { type CaseFigures, evaluateCases, figuresCsv, summarizeFigures } from '../training/evaluate-model.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { EVALUATE_OPTIONS } from './evaluate.ts';
import { metricsTable } from './metrics-table.ts';

/** Measures a bundle on labelled cases and prints the figures. */
export async function runEvaluate(
  { positionals: [bundleFolder = '', data = ''], options }: CommandArguments<typeof EVALUATE_OPTIONS>,
  { stdout, stderr, signal, json, cwd }: CommandContext,
): Promise<void> {
  const bundle = await readBundle(resolve(cwd, bundleFolder));
  const { plan, split, channels } = bundle.manifest;
  const left = channelsLeft(bundle.manifest, options.without);
  const dataset = await openDataset(resolve(cwd, data), { channels, missing: takesMissingChannels(plan) });
  const named = options.cases === 'validation' ? split.validation : options.cases.split(',');
  const cases = labelledCases(dataset, 1).filter(({ id }) => options.cases === 'all' || named.includes(id));
  if (cases.length === 0)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: '--cases',
      got: options.cases,
      expected: 'labelled cases of the data folder',
      file: dataset.root,
    });
  const predictor = await openPredictor(bundle, options);
  const progress = showProgress(stderr, { label: 'Evaluating', json });
  const figures: CaseFigures[] = [];
  const onCase = (done: number, total: number, { id }: CaseFigures): void => progress.update({ done, total, note: id });
  for await (const measured of evaluateCases(predictor, { dataset, cases, plan, left }, { signal, onCase }))
    figures.push(measured);
  progress.finish();
  await predictor.close();
  const classNames = plan.classes.slice(1).map(({ name }) => name);
  if (options.csv !== undefined) await writeFileAtomic(resolve(cwd, options.csv), figuresCsv(figures, classNames));
  const metrics = summarizeFigures(figures, classNames);
  stdout.write(`${json ? JSON.stringify({ cases: figures.length, metrics }) : metricsTable(metrics)}\n`);
}

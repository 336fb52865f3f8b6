import { resolve } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { openPredictor } from '../bundle/open-predictor.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import { labelledCases } from '../datasets/labelled-cases.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { writeFileAtomic } from '../files/write-atomic.ts';
import { showProgress } from '../run/progress.ts';
import { type CaseFigures, evaluateCases, figuresCsv, summarizeFigures } from '../training/evaluate-model.ts';
import { defineCommand } from './command.ts';
import { metricsTable } from './metrics-table.ts';

export const evaluate = defineCommand({
  name: 'evaluate',
  summary: 'measure a bundle on labelled scans',
  usage: 'BUNDLE DATA',
  details: `Mean Dice, intersection over union, 95th percentile of the Hausdorff distance and surface Dice at 1 mm, with 95 % bootstrap intervals.`,
  options: {
    cases: {
      type: 'text',
      value: 'CASES',
      summary: 'all (default), validation (those the bundle has not seen), or names with commas',
      default: 'all',
    },
    csv: { type: 'text', value: 'FILE', summary: 'write the figures of every case there' },
    mirror: { type: 'flag', summary: 'average over mirrored scans' },
    threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1, default: 2 },
  },
  async run({ positionals: [bundleFolder = '', data = ''], options }, { stdout, stderr, signal, json, cwd }) {
    const bundle = await readBundle(resolve(cwd, bundleFolder));
    const { plan, split } = bundle.manifest;
    const dataset = await openDataset(resolve(cwd, data));
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
    const onCase = (done: number, total: number, { id }: CaseFigures): void =>
      progress.update({ done, total, note: id });
    for await (const measured of evaluateCases(predictor, { dataset, cases, plan }, { signal, onCase }))
      figures.push(measured);
    progress.finish();
    await predictor.close();
    const classNames = plan.classes.slice(1).map(({ name }) => name);
    if (options.csv !== undefined) await writeFileAtomic(resolve(cwd, options.csv), figuresCsv(figures, classNames));
    const metrics = summarizeFigures(figures, classNames);
    stdout.write(`${json ? JSON.stringify({ cases: figures.length, metrics }) : metricsTable(metrics)}\n`);
  },
});

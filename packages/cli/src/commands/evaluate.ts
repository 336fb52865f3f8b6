import type { OptionRecord } from '../arguments/option.ts';
import { WITHOUT_OPTION } from '../datasets/dataset-options.ts';
import { defineCommand } from './command.ts';

export const EVALUATE_OPTIONS = {
  cases: {
    type: 'text',
    value: 'CASES',
    summary: 'all (default), validation (those the bundle has not seen), or names with commas',
    default: 'all',
  },
  csv: { type: 'text', value: 'FILE', summary: 'write the figures of every case there' },
  mirror: { type: 'flag', summary: 'average over mirrored scans' },
  without: WITHOUT_OPTION,
  threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1, default: 2 },
} as const satisfies OptionRecord;

export const evaluate = defineCommand({
  name: 'evaluate',
  summary: 'measure a bundle on labelled scans',
  usage: 'BUNDLE DATA',
  details: `Mean Dice, intersection over union, 95th percentile of the Hausdorff distance and surface Dice at 1 mm, with 95 % bootstrap intervals.`,
  options: EVALUATE_OPTIONS,
  run: async (args, context) => (await import('./run-evaluate.ts')).runEvaluate(args, context),
});

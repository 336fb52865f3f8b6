import type { OptionRecord } from '../arguments/option.ts';
import { DATASET_OPTIONS } from '../datasets/dataset-options.ts';
import { defineCommand } from './command.ts';

export const COMPARE_OPTIONS = {
  ...DATASET_OPTIONS,
  data: { type: 'text', value: 'DIR', summary: "data folder instead of the file's" },
  out: { type: 'text', value: 'DIR', summary: 'bundles, table and picture; NAME.comparison by default' },
} as const satisfies OptionRecord;

export const compare = defineCommand({
  name: 'compare',
  summary: 'train several recipes on the same data, splits and seeds, and hold them against the first',
  usage: 'FILE',
  details: `FILE is JSON: name, data, split, seeds, steps and recipes. Every training becomes a bundle; cases.csv, table.md and dice.svg show the outcome.
A stopped or killed comparison goes on where it was when the same command is given again.`,
  options: COMPARE_OPTIONS,
  run: async (args, context) => (await import('./run-compare.ts')).runCompare(args, context),
});

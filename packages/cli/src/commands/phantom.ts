import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const PHANTOM_OPTIONS = {
  cases: {
    type: 'number',
    value: 'N',
    summary: 'how many',
    default: 24,
    minimum: 1,
    maximum: 100_000,
    integer: true,
  },
  kind: {
    type: 'text',
    value: 'NAME',
    summary: 'head scans with labels, or chest scans with marked nodules',
    choices: ['head', 'chest'],
    default: 'head',
  },
  seed: { type: 'number', value: 'N', summary: 'which', default: 0, minimum: 0, integer: true },
} as const satisfies OptionRecord;

export const phantom = defineCommand({
  name: 'phantom',
  summary: 'write made-up scans of heads or chests, to try things out',
  usage: 'OUT',
  details:
    'Labels of heads: 1 brain, 2 ventricles, 3 lesion. Nodules of chests: annotations.csv. The same seed gives the same scans.',
  options: PHANTOM_OPTIONS,
  run: async (args, context) => (await import('./run-phantom.ts')).runPhantom(args, context),
});

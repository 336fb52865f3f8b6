import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const ENSEMBLE_OPTIONS = {
  out: { type: 'text', value: 'BUNDLE', summary: 'where it goes; ensemble.bundle by default' },
} as const satisfies OptionRecord;

export const ensemble = defineCommand({
  name: 'ensemble',
  summary: 'make one bundle of several, such as those of cross-validation: the mean of their probabilities',
  usage: 'BUNDLE...',
  details: `The members must prepare images alike and tell the same classes apart; their networks may differ. Its figures are those of each member on
the cases that member has not seen.`,
  options: ENSEMBLE_OPTIONS,
  run: async (args, context) => (await import('./run-ensemble.ts')).runEnsemble(args, context),
});

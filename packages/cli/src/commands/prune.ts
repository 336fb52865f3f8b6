import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const PRUNE_OPTIONS = {
  branches: { type: 'number', value: 'N', summary: 'nested branches to keep', integer: true, minimum: 1, default: 2 },
  out: { type: 'text', value: 'BUNDLE', summary: 'where it goes; pruned.bundle by default' },
} as const satisfies OptionRecord;

export const prune = defineCommand({
  name: 'prune',
  summary: 'leave out the last branches of a nested network: a smaller and faster model of the same training',
  usage: 'BUNDLE',
  details:
    'Every branch was supervised, so the shorter ones answer too. The new bundle holds no figures: vesalius evaluate measures it.',
  options: PRUNE_OPTIONS,
  run: async (args, context) => (await import('./run-prune.ts')).runPrune(args, context),
});

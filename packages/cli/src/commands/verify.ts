import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';
import { SERVER_OPTIONS } from './server-options.ts';

export const VERIFY_OPTIONS = {
  ...SERVER_OPTIONS,
  deep: { type: 'flag', summary: 'hash every byte again' },
  repair: { type: 'flag', summary: 'put right what can be' },
} as const satisfies OptionRecord;

export const verify = defineCommand({
  name: 'verify',
  summary: 'compare the index of the archive with its files',
  usage: '',
  details: 'Ends with HASH_MISMATCH when something disagrees that was not repaired.',
  options: VERIFY_OPTIONS,
  run: async (args, context) => (await import('./run-verify.ts')).runVerify(args, context),
});

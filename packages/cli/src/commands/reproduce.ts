import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const REPRODUCE_OPTIONS = {
  data: { type: 'text', value: 'DIR', summary: 'the data folder the bundle was trained on' },
  out: { type: 'text', value: 'BUNDLE', summary: 'where the new bundle goes; BUNDLE.again by default' },
} as const satisfies OptionRecord;

export const reproduce = defineCommand({
  name: 'reproduce',
  summary: 'train a bundle again from its manifest and compare the weights byte by byte',
  usage: 'BUNDLE',
  details:
    'The data must be those of the manifest, file by file. The same processor, threads and runtime give the same bytes.',
  options: REPRODUCE_OPTIONS,
  run: async (args, context) => (await import('./run-reproduce.ts')).runReproduce(args, context),
});

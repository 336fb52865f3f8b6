import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const DEMO_OPTIONS = {
  budget: { type: 'duration', value: 'TIME', summary: 'wall time of the training with its measurement', default: 75 },
  seed: { type: 'number', value: 'N', summary: 'of scans and training', integer: true, minimum: 0, default: 0 },
  threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1, default: 2 },
} as const satisfies OptionRecord;

/** The whole loop on made-up scans, so that a first start needs nothing but this program. */
export const demo = defineCommand({
  name: 'demo',
  summary: 'the whole loop on made-up scans: train, measure, predict, report; under two minutes',
  usage: '[OUT]',
  details: `The scans are generated, not real: ellipsoid heads with a bias field, noise and a lesion, written as files and read back.`,
  options: DEMO_OPTIONS,
  run: async (args, context) => (await import('./run-demo.ts')).runDemo(args, context),
});

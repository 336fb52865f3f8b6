import type { OptionRecord } from '../arguments/option.ts';
import { DATASET_OPTIONS } from '../datasets/dataset-options.ts';
import { defineCommand } from './command.ts';

export const PLAN_OPTIONS = {
  ...DATASET_OPTIONS,
  out: { type: 'text', value: 'FILE', summary: 'write the plan there, as JSON to be changed by hand' },
  device: { type: 'text', value: 'NAME', summary: 'what the plan must fit', choices: ['cpu', 'gpu'], default: 'cpu' },
} as const satisfies OptionRecord;

export const plan = defineCommand({
  name: 'plan',
  summary: 'check a data folder and plan a training for it',
  usage: 'DATA',
  details: `DATA is a folder with images/ and labels/, a Medical Segmentation Decathlon or nnU-Net v2 folder, or one folder a case.`,
  options: PLAN_OPTIONS,
  run: async (args, context) => (await import('./run-plan.ts')).runPlan(args, context),
});

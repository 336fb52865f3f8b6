import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const INSPECT_OPTIONS = {
  input: {
    type: 'text',
    value: 'SHAPE',
    summary: "sizes of the first input where the model leaves them open: 1x1x40x56x40; a bundle's window without it",
  },
  profile: {
    type: 'text',
    value: 'FILE',
    summary: "also measure a bundle's operations on this machine, as JSON for the model graph",
  },
  all: { type: 'flag', summary: 'every node, not only those with weights' },
} as const satisfies OptionRecord;

export const inspect = defineCommand({
  name: 'inspect',
  summary: "print a model's layers, shapes, parameters, operations and memory",
  usage: 'BUNDLE|FILE.onnx',
  options: INSPECT_OPTIONS,
  run: async (args, context) => (await import('./run-inspect.ts')).runInspect(args, context),
});

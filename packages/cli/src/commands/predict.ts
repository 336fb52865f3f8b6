import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const PREDICT_OPTIONS = {
  mirror: { type: 'flag', summary: 'average over mirrored scans: slower, often a little better' },
  explain: {
    type: 'text',
    value: 'DIR',
    summary: 'also write there what the gates of a TransUNet++ weighed: pictures, maps and numbers',
  },
  threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1, default: 2 },
} as const satisfies OptionRecord;

export const predict = defineCommand({
  name: 'predict',
  summary: 'write a label map for every scan of a folder',
  usage: 'BUNDLE IN OUT',
  details: `For every image in the folder IN a label map of the same name, grid and affine is written into OUT;
for a picture (PNG, JPEG) it is a PNG of its name and size.
With --explain every scan gets a picture of all gates there (the scan, then levels from above, columns to the right: orange where
the transformer speaks, blue where the convolutions do, below them the weights of channels), each node's map on the scan's own grid, and gates.json.
Models with several channels take IN as a data folder of any layout, and name each label map after its case.`,
  options: PREDICT_OPTIONS,
  run: async (args, context) => (await import('./run-predict.ts')).runPredict(args, context),
});

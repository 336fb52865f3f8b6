import type { OptionRecord } from '../arguments/option.ts';
import { WITHOUT_OPTION } from '../datasets/dataset-options.ts';
import { defineCommand } from './command.ts';

export const PREDICT_OPTIONS = {
  mirror: { type: 'flag', summary: 'average over mirrored scans: slower, often a little better' },
  explain: {
    type: 'text',
    value: 'DIR',
    summary:
      'also write there what led to the answer: gates of a TransUNet++, modalities of mm-former and disentangled',
  },
  without: WITHOUT_OPTION,
  threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1, default: 2 },
} as const satisfies OptionRecord;

export const predict = defineCommand({
  name: 'predict',
  summary: 'write a label map for every scan of a folder',
  usage: 'BUNDLE IN OUT',
  details: `For every image in the folder IN a label map of the same name, grid and affine is written into OUT;
for a picture (PNG, JPEG) it is a PNG of its name and size.
With --explain and a TransUNet++ every scan gets a picture of all gates there (the scan, then levels from above, columns to the right: orange where
the transformer speaks, blue where the convolutions do, below them the weights of channels), each node's map on the scan's own grid, and gates.json.
With an mm-former or a disentangled network it is a page, modalities.html, that shows for each modality where attention went and what would have been found without
it; modalities.json holds the numbers. These two also take scans that lack some of their channels.
Models with several channels take IN as a data folder of any layout, or one folder with a file a channel (ID_t1.nii.gz, or ID_0000.nii.gz
by number), and name each label map after its case.`,
  options: PREDICT_OPTIONS,
  run: async (args, context) => (await import('./run-predict.ts')).runPredict(args, context),
});

import { resolve } from 'node:path';
import { DATASET_OPTIONS } from '../datasets/dataset-options.ts';
import { openCheckedDataset } from '../datasets/open-checked-dataset.ts';
import { planDataset } from '../datasets/plan-dataset.ts';
import { writeFileAtomic } from '../files/write-atomic.ts';
import { defineCommand } from './command.ts';
import { planTable } from './plan-table.ts';

export const plan = defineCommand({
  name: 'plan',
  summary: 'check a data folder and plan a training for it',
  usage: 'DATA',
  details: `DATA is a folder with images/ and labels/, a Medical Segmentation Decathlon or nnU-Net v2 folder, or one folder a case.`,
  options: {
    ...DATASET_OPTIONS,
    out: { type: 'text', value: 'FILE', summary: 'write the plan there, as JSON to be changed by hand' },
    device: { type: 'text', value: 'NAME', summary: 'what the plan must fit', choices: ['cpu', 'gpu'], default: 'cpu' },
  },
  async run({ positionals: [data = ''], options }, context) {
    const { stdout, json, cwd } = context;
    const { dataset, report } = await openCheckedDataset(resolve(cwd, data), options, context);
    const made = planDataset(dataset, report, { device: options.device === 'gpu' ? 'gpu' : 'cpu' });
    if (options.out !== undefined)
      await writeFileAtomic(resolve(cwd, options.out), `${JSON.stringify(made, null, 2)}\n`);
    stdout.write(`${json ? JSON.stringify(made) : planTable(made)}\n`);
  },
});

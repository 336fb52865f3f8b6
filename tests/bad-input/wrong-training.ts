import { truncate } from 'node:fs/promises';
import { writeScan } from '../program/tiny-data.ts';
import { type BadInput, RUN_FOLDER, TRAIN } from './bad-input.ts';
import { changePlan, image } from './break-files.ts';

/** Trainings that cannot start, go on or end. */
export const WRONG_TRAINING: Readonly<Record<string, BadInput>> = {
  'a plan that is no JSON': {
    code: 'FILE_FORMAT',
    says: /JSON, got /,
    file: 'plan.json',
    arrange: ({ at }) => truncate(at('plan.json'), 100),
    line: TRAIN,
  },
  'a plan without a choice': {
    code: 'FILE_FORMAT',
    says: /plan, batchSize.value, got nothing, expected a whole number from 1/,
    file: 'plan.json',
    arrange: (place) => changePlan(place, () => ({ batchSize: undefined })),
    line: TRAIN,
  },
  'a patch larger than any memory': {
    code: 'OUT_OF_MEMORY',
    says: /a training step on 2 patches of 8192 x 8192 x 8192, got at least .* GiB, expected at most .* GiB/,
    arrange: (place) => changePlan(place, () => ({ patchShape: { value: [8192, 8192, 8192], why: '' } })),
    line: TRAIN,
    mayLeave: RUN_FOLDER,
  },
  'a patch that the network cannot halve': {
    code: 'SHAPE_MISMATCH',
    says: /got .*, expected /,
    arrange: (place) => changePlan(place, () => ({ patchShape: { value: [9, 9, 9], why: '' } })),
    line: TRAIN,
    mayLeave: RUN_FOLDER,
  },
  'a learning rate that makes the loss infinite': {
    code: 'NOT_FINITE',
    says: /loss of step \d, got (NaN|Infinity), expected a number; try a lower learning rate/,
    arrange: (place) =>
      changePlan(place, ({ optimizer }) => ({
        optimizer: { ...optimizer, value: { ...optimizer.value, learningRate: 1e38 } },
      })),
    line: TRAIN,
    mayLeave: RUN_FOLDER,
  },
  'a truncated checkpoint': {
    code: 'FILE_TRUNCATED',
    says: /got \d+, expected at least \d+/,
    file: 'old.run/checkpoints/latest.safetensors',
    arrange: ({ at }) => truncate(at('old.run/checkpoints/latest.safetensors'), 20_000),
    line: `${TRAIN} --run old.run`,
  },
  'a checkpoint of another seed': {
    code: 'CHECKPOINT_MISMATCH',
    says: /other data or options, expected the same command/,
    file: 'old.run/checkpoints/latest.safetensors',
    line: `${TRAIN} --run old.run --seed 2`,
  },
  'a folder of other things where the bundle should go': {
    code: 'WRITE_FAILED',
    says: /a folder with other things in it is in the way, expected a new or empty folder/,
    file: 'data',
    line: `${TRAIN} --out data`,
  },
  'data that are not those of the bundle': {
    code: 'HASH_MISMATCH',
    says: /sha256, got \w+, expected \w+/,
    file: 'images/case0.nii',
    arrange: ({ at }) => writeScan(at(image(0)), (i) => i),
    line: 'reproduce bundle --data data',
  },
};

import type { OptionRecord } from '../arguments/option.ts';
import { DATASET_OPTIONS } from '../datasets/dataset-options.ts';
import { defineCommand } from './command.ts';

export const TRAIN_OPTIONS = {
  ...DATASET_OPTIONS,
  data: { type: 'text', value: 'DIR', summary: 'data folder of a recipe' },
  plan: { type: 'text', value: 'FILE', summary: 'train by this plan instead of making one' },
  network: {
    type: 'text',
    value: 'NAME',
    summary: 'instead of the planned one: unet, dyn-unet, unet-plus-plus, trans-unet, trans-unet-plus-plus …',
  },
  size: { type: 'text', value: 'SIZE', summary: 'of that network: tiny, small or base', default: 'tiny' },
  out: { type: 'text', value: 'BUNDLE', summary: 'where the bundle goes; ./NAME.bundle by default' },
  run: { type: 'text', value: 'DIR', summary: 'log, events and checkpoints; BUNDLE.run by default' },
  budget: { type: 'duration', value: 'TIME', summary: 'wall time of the whole command' },
  steps: { type: 'number', value: 'N', summary: 'train so many steps instead', integer: true, minimum: 1 },
  validation: {
    type: 'text',
    value: 'CASES',
    summary: 'cases to set aside: last:30, every:5, or names with commas; a fifth by default',
  },
  folds: {
    type: 'number',
    value: 'K',
    summary: 'cross-validation: train on all but one of K parts',
    integer: true,
    minimum: 2,
  },
  fold: {
    type: 'number',
    value: 'I',
    summary: 'which part is set aside, from 0',
    integer: true,
    minimum: 0,
    default: 0,
  },
  gate: {
    type: 'number',
    value: 'DICE',
    summary: "lowest mean Dice that is no failure; the recipe's by default",
    minimum: 0,
    maximum: 1,
  },
  seed: {
    type: 'number',
    value: 'N',
    summary: 'of weights, order and augmentation',
    integer: true,
    minimum: 0,
    default: 0,
  },
  interactive: { type: 'flag', summary: 'a model that also follows clicks and corrects a label map by them' },
  precision: {
    type: 'text',
    value: 'NAME',
    summary: "float32, or mixed to save memory; the plan's by default",
    choices: ['float32', 'mixed'],
  },
  threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1 },
  'checkpoint-every': { type: 'duration', value: 'TIME', summary: 'between checkpoints', default: 20 },
} as const satisfies OptionRecord;

export const train = defineCommand({
  name: 'train',
  summary: 'train a segmentation model and write it as a signed bundle',
  usage: 'RECIPE|DATA',
  details: `RECIPE is one of hippocampus, with its data under --data; DATA is a data folder, which is planned first.
A stopped or killed training goes on where it was when the same command is given again.`,
  options: TRAIN_OPTIONS,
  run: async (args, context) => (await import('./run-train.ts')).runTrain(args, context),
});

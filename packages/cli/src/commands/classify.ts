import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const CLASSIFY_OPTIONS = {
  weights: { type: 'text', value: 'NAME', summary: 'imported weights to begin with', default: 'dinov2_vits14' },
  'weights-folder': { type: 'text', value: 'DIR', summary: 'where weights are kept, as for vesalius weights' },
  method: {
    type: 'text',
    value: 'NAME',
    summary: 'what is trained',
    choices: ['head-3', 'blocks-3', 'full', 'linear-probe', 'lora', 'prompts'],
    default: 'blocks-3',
  },
  size: {
    type: 'number',
    value: 'PIXELS',
    summary: 'side of what the network sees; a multiple of its patch',
    integer: true,
    minimum: 14,
    default: 112,
  },
  colour: { type: 'flag', summary: 'pictures in colour; they are taken as grey without it' },
  validation: { type: 'text', value: 'DATA', summary: 'other data to report on' },
  share: {
    type: 'number',
    value: 'S',
    summary: 'of the cases, set aside for the report where no other data are given',
    minimum: 0.01,
    maximum: 0.9,
    default: 0.2,
  },
  labels: {
    type: 'number',
    value: 'S',
    summary: 'share of the labels that are used: how far few labels go',
    minimum: 0.001,
    maximum: 1,
    default: 1,
  },
  patient: {
    type: 'text',
    value: 'PATTERN',
    summary: "regular expression that finds the patient in a file's name: person(\\d+)",
  },
  steps: { type: 'number', value: 'N', summary: 'steps of training', integer: true, minimum: 1, default: 300 },
  batch: { type: 'number', value: 'N', summary: 'pictures a step', integer: true, minimum: 1, default: 32 },
  'learning-rate': {
    type: 'number',
    value: 'RATE',
    summary: 'highest; one that suits the method without it',
    minimum: 0,
  },
  'layer-decay': {
    type: 'number',
    value: 'D',
    summary: 'each layer learns by so much less than the one above',
    minimum: 0.01,
    maximum: 1,
    default: 0.75,
  },
  cache: { type: 'text', value: 'DIR', summary: 'keep what the frozen part makes of the pictures' },
  seed: { type: 'number', value: 'N', summary: 'of everything that is drawn', integer: true, default: 0 },
  threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1, default: 2 },
} as const satisfies OptionRecord;

export const classify = defineCommand({
  name: 'classify',
  summary: 'train a classifier of pictures from published weights, ask it, measure it',
  usage: 'train|predict|evaluate DATA MODEL',
  details: `train DATA MODEL: writes the folder MODEL and reports on cases that were set aside, patient by patient.
predict DATA MODEL: prints a line of probabilities for each picture.
evaluate DATA MODEL: AUC and average precision with intervals, calibration, and the same for each group; refuses pictures of the training.

DATA is a folder with a folder of pictures (PNG, JPEG) for each class, a .csv file (file, label, patient, and groups such as sex),
or a .npz file (images, labels, patients, and groups).`,
  options: CLASSIFY_OPTIONS,
  run: async (args, context) => (await import('./run-classify.ts')).runClassify(args, context),
});

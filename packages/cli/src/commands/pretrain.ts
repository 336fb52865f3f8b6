import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const PRETRAIN_OPTIONS = {
  method: {
    type: 'text',
    value: 'NAME',
    summary: 'how the encoder is taught',
    choices: ['anatomy', 'simclr', 'moco', 'byol', 'dino'],
    default: 'anatomy',
  },
  size: {
    type: 'number',
    value: 'PIXELS',
    summary: 'of a view, a multiple of 8',
    integer: true,
    minimum: 32,
    default: 64,
  },
  batch: { type: 'number', value: 'N', summary: 'films a step', integer: true, minimum: 2, default: 32 },
  steps: { type: 'number', value: 'N', summary: 'of training', integer: true, minimum: 1, default: 2000 },
  seed: { type: 'number', value: 'N', summary: 'of the weights and the views', integer: true, minimum: 0, default: 0 },
  threads: { type: 'number', value: 'N', summary: 'processor threads, 2 by default', integer: true, minimum: 1 },
  shown: {
    type: 'number',
    value: 'N',
    summary: 'films in the embedding browser',
    integer: true,
    minimum: 2,
    default: 300,
  },
} as const satisfies OptionRecord;

export const pretrain = defineCommand({
  name: 'pretrain',
  summary: 'teach an encoder from films without labels',
  usage: 'FILMS OUT',
  details: `Every PNG and JPEG below FILMS is taken into OUT/films.bin once; memory stays small however many there are. OUT/encoder.safetensors is
the encoder, OUT/embedding.html shows what it makes of films: a plot, nearest neighbours, and the same place in two films. A stopped
pre-training goes on where it was when the same command is given again.

    vesalius pretrain chest-films encoder --steps 3000`,
  options: PRETRAIN_OPTIONS,
  run: async (args, context) => (await import('./run-pretrain.ts')).runPretrain(args, context),
});

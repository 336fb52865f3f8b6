import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const FEDERATE_OPTIONS = {
  validation: { type: 'text', value: 'FILE', summary: 'images that no site has, as DATA; a fifth of DATA by default' },
  sites: { type: 'number', value: 'N', summary: 'hospitals', integer: true, minimum: 1, default: 5 },
  'sites-per-round': {
    type: 'number',
    value: 'N',
    summary: 'that take part, drawn anew; all by default',
    integer: true,
    minimum: 1,
  },
  rounds: { type: 'number', value: 'N', summary: 'rounds', integer: true, minimum: 1, default: 20 },
  'local-steps': {
    type: 'number',
    value: 'N',
    summary: 'steps a site trains in a round',
    integer: true,
    minimum: 1,
    default: 20,
  },
  batch: { type: 'number', value: 'N', summary: 'images a step', integer: true, minimum: 1, default: 32 },
  'learning-rate': { type: 'number', value: 'RATE', summary: 'of the sites', minimum: 0, default: 0.05 },
  strategy: {
    type: 'text',
    value: 'NAME',
    summary: 'how changes become one',
    choices: [
      'fedavg',
      'fedprox',
      'fedbn',
      'fedper',
      'fedadam',
      'fedyogi',
      'scaffold',
      'median',
      'trimmed-mean',
      'krum',
    ],
    default: 'fedavg',
  },
  alpha: {
    type: 'number',
    value: 'A',
    summary: 'Dirichlet: the smaller, the less alike the sites',
    minimum: 0.01,
    default: 0.5,
  },
  shift: {
    type: 'number',
    value: 'S',
    summary: "deviation of each site's own brightness and contrast",
    minimum: 0,
    default: 0.2,
  },
  up: {
    type: 'text',
    value: 'METHOD',
    summary: 'how changes go up: float32, 8-bit, 4-bit, ternary, largest:0.01, random:0.01, low-rank:0.05',
    default: 'float32',
  },
  down: { type: 'text', value: 'METHOD', summary: 'how they come down', default: 'float32' },
  momentum: { type: 'number', value: 'M', summary: 'of what a site has not sent yet', minimum: 0, default: 0 },
  epsilon: {
    type: 'number',
    value: 'E',
    summary: 'private training at the sites that spends so much over all rounds',
    minimum: 0.01,
  },
  delta: { type: 'number', value: 'D', summary: 'chance that epsilon does not hold', minimum: 0, default: 1e-4 },
  'clip-norm': { type: 'number', value: 'C', summary: "largest norm of one image's gradients", minimum: 0, default: 1 },
  seed: { type: 'number', value: 'N', summary: 'of everything that is drawn but the noise', integer: true, default: 0 },
  threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1, default: 2 },
  data: { type: 'text', value: 'DIR', summary: "the server's data folder; ./vesalius-data without it" },
  shape: { type: 'text', value: 'C,H,W', summary: 'init: of the images', default: '1,50,50' },
  'minimum-sites': {
    type: 'number',
    value: 'N',
    summary: 'init: fewer updates make no round',
    integer: true,
    minimum: 1,
    default: 2,
  },
  deadline: {
    type: 'number',
    value: 'SECONDS',
    summary: 'init: a round does not wait longer',
    minimum: 1,
    default: 600,
  },
  'evaluate-every': {
    type: 'number',
    value: 'ROUNDS',
    summary:
      'init: between evaluations at the sites, 0 for none; 1 unless --epsilon is given, as evaluations carry no noise',
    integer: true,
    minimum: 0,
  },
  bundle: { type: 'text', value: 'FILE', summary: 'init: weights (safetensors) to begin with' },
  project: { type: 'text', value: 'NAME', summary: 'join: whose privacy budget is spent', default: 'default' },
  cohort: {
    type: 'number',
    value: 'N',
    summary: 'join: with fewer images of a class this site takes no part',
    integer: true,
    minimum: 1,
    default: 20,
  },
  budget: { type: 'number', value: 'E', summary: 'join: epsilon that the project may spend in all', minimum: 0.01 },
  plan: { type: 'text', value: 'HASH', summary: 'approve: only the plan of this hash' },
} as const satisfies OptionRecord;

export const federate = defineCommand({
  name: 'federate',
  summary: 'train one classifier on the data of many sites',
  usage: 'ACTION [A] [B]',
  details: `simulate: all sites in this process, one after another; what they send is made small, opened again and counted.
DATA is a .npz file with images [N, H, W] (or [N, D, H, W]) and labels [N] of 0 and 1. The privacy unit is one image.

attack DATA: trains on half of the images as a site would, with the options given, and tries what leaves it: who was trained on (membership
inference), and what a single image's update shows (gradient inversion).

With servers, each \`vesalius serve\` in its house; these speak to the one at work on --data, by VESALIUS_TOKEN:
  init NAME                       at the coordinator (serve --federation-port N): what will be trained
  invite FEDERATION SITE          an invitation, to be used once
  join INVITATION IMAGES          at a site: IMAGES stay there
  approve FEDERATION              at a site: takes part under this plan
  approve FEDERATION SITE         at the coordinator: lets the site in
  start FEDERATION, status [FEDERATION]
  pause | resume | remove FEDERATION [SITE]
work: what the server itself runs to train.`,
  options: FEDERATE_OPTIONS,
  run: async (args, context) => (await import('./run-federate.ts')).runFederate(args, context),
});

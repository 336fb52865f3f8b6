import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const DETECT_OPTIONS = {
  spacing: {
    type: 'number',
    value: 'MM',
    summary: 'of the cubic voxels that scans are brought to; a nodule should be 3 across at least',
    minimum: 0.3,
    maximum: 10,
    default: 1,
  },
  patch: {
    type: 'number',
    value: 'VOXELS',
    summary: 'side of what the network sees at once, a multiple of 8',
    integer: true,
    minimum: 16,
    default: 64,
  },
  batch: { type: 'number', value: 'N', summary: 'patches a step', integer: true, minimum: 1, default: 2 },
  steps: { type: 'number', value: 'N', summary: 'steps of training', integer: true, minimum: 1, default: 2000 },
  validation: {
    type: 'number',
    value: 'S',
    summary: 'share of the patients set aside for the report',
    minimum: 0.01,
    maximum: 0.9,
    default: 0.2,
  },
  patient: { type: 'text', value: 'REGEX', summary: "part of a scan's name that is the patient" },
  out: { type: 'text', value: 'FILE', summary: 'where predict writes its table, and evaluate its page' },
  most: {
    type: 'number',
    value: 'N',
    summary: 'candidates that predict gives of a scan at most',
    integer: true,
    minimum: 1,
    default: 100,
  },
  seed: { type: 'number', value: 'N', summary: 'of everything that is drawn', integer: true, default: 0 },
  threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1, default: 2 },
} as const satisfies OptionRecord;

export const detect = defineCommand({
  name: 'detect',
  summary: 'train a detector of nodules in CT, ask it, measure it',
  usage: 'train|predict|evaluate DATA MODEL',
  details: `train DATA MODEL: writes the folder MODEL and reports on patients that were set aside; goes on where it was stopped.
predict DATA MODEL: a line for each candidate, as LUNA16 takes them: seriesuid,coordX,coordY,coordZ,probability,diameter_mm.
evaluate DATA MODEL: sensitivity at 1/8 to 8 false positives a scan and their mean, with an interval; --out FILE.html draws the curve.

DATA holds images/ (NIfTI, NRRD) and, to train and to measure, annotations.csv as LUNA16 writes it: seriesuid,coordX,coordY,coordZ,diameter_mm,
in millimetres to the left, to the back and upwards. seriesuid is the file's name without its ending; a scan that it does not name has no nodule.`,
  options: DETECT_OPTIONS,
  run: async (args, context) => (await import('./run-detect.ts')).runDetect(args, context),
});

import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const PERFUSION_OPTIONS = {
  out: { type: 'text', value: 'FOLDER', summary: 'write maps, curves and figures there', default: 'perfusion' },
  model: {
    type: 'text',
    value: 'NAME',
    summary: "Tofts' model without plasma in the tissue, or extended by it",
    choices: ['tofts', 'extended'],
    default: 'extended',
  },
  input: {
    type: 'text',
    value: 'CSV',
    summary: "a measured arterial input: seconds, mM in blood; a population's without it",
  },
  t1: {
    type: 'number',
    value: 'SECONDS',
    summary: 'T1 before contrast, where no flip angles were measured',
    minimum: 0.05,
    maximum: 6,
  },
  'flip-degrees': {
    type: 'number',
    value: 'N',
    summary: 'flip angle of the series, where it does not say',
    minimum: 0.1,
    maximum: 179,
  },
  'tr-ms': {
    type: 'number',
    value: 'N',
    summary: 'repetition time of the series, where it does not say',
    minimum: 0.1,
    maximum: 9999,
  },
  'step-seconds': { type: 'number', value: 'N', summary: 'time between frames, where it is not known', minimum: 0.01 },
  relaxivity: {
    type: 'number',
    value: 'N',
    summary: 'of the contrast agent, per mM and second',
    minimum: 0.1,
    maximum: 100,
  },
  align: { type: 'flag', summary: 'first move every frame back onto the mean of all' },
  dicom: { type: 'flag', summary: 'write DICOM parametric maps too; only from a DICOM folder' },
} as const satisfies OptionRecord;

export const perfusion = defineCommand({
  name: 'perfusion',
  summary: 'map arrival, curve types and Tofts parameters of a dynamic contrast series',
  usage: 'FOLDER|FILE',
  details: `FOLDER holds DICOM (a series of several time points, or one series a time point, and with other flip angles for T1),
or a 4-D NIfTI or NRRD file, with what a JSON file beside it says: times_s, TR_ms, flip_deg, or BIDS' VolumeTiming, RepetitionTime, FlipAngle.
3-D images beside it whose names hold their flip angle (vfa_05deg.nii.gz) map T1. What is assumed is said.`,
  options: PERFUSION_OPTIONS,
  run: async (args, context) => (await import('./run-perfusion.ts')).runPerfusion(args, context),
});

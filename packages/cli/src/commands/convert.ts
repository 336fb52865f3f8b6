import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const CONVERT_OPTIONS = {
  modality: {
    type: 'text',
    value: 'CT|MR|OT',
    summary: 'kind of images to write',
    choices: ['CT', 'MR', 'OT'],
    default: 'OT',
  },
  source: {
    type: 'text',
    value: 'DICOM',
    summary:
      'the series that a volume belongs to: its patient and study are taken over; with OUT.dcm, the one that was segmented',
  },
  'allow-tilt': { type: 'flag', summary: 'give slices of a tilted gantry on a sheared grid instead of refusing them' },
} as const satisfies OptionRecord;

export const convert = defineCommand({
  name: 'convert',
  summary: 'turn DICOM series into NIfTI or NRRD and back, segmentations into label maps and back',
  usage: 'IN OUT',
  details: `IN is a DICOM file or folder, or a volume (.nii, .nii.gz, .nrrd). OUT says what it becomes: a volume by its extension,
a DICOM segmentation (.dcm, of a label map, with --source), or a folder: of a volume a DICOM series, of DICOM a volume for each series.
Several volumes need a folder. What is in no volume is listed with its reason.`,
  options: CONVERT_OPTIONS,
  run: async (args, context) => (await import('./run-convert.ts')).runConvert(args, context),
});

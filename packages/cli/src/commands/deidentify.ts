import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const DEIDENTIFY_OPTIONS = {
  'project-key': {
    type: 'text',
    value: 'FILE',
    summary: 'the secret of the project, 16 bytes or more: the same key gives the same pseudonyms, UIDs and days',
  },
  dates: {
    type: 'text',
    value: 'WHAT',
    summary: 'remove dates, shift those of a patient by the same days, or keep them',
    choices: ['remove', 'shift', 'keep'],
    default: 'remove',
  },
  'keep-uids': { type: 'flag', summary: 'keep UIDs' },
  'keep-device': { type: 'flag', summary: 'keep what names the device' },
  'keep-institution': { type: 'flag', summary: 'keep what names the institution' },
  'keep-patient': { type: 'flag', summary: 'keep age, sex, size, weight and the like' },
  'clean-descriptions': {
    type: 'flag',
    summary: 'keep words of descriptions that are terms of medicine, instead of none',
  },
  'clean-reports': { type: 'flag', summary: 'keep the tree of structured reports, each item cleaned' },
  'clean-graphics': { type: 'flag', summary: 'keep graphic annotations, their text cleaned' },
  'safe-private': {
    type: 'text',
    value: 'CREATORS',
    summary: 'private elements to keep, by creators with commas between',
  },
  'black-out': { type: 'text', value: 'X,Y,W,H', summary: 'rectangles of pixels to black out, with ; between' },
  report: { type: 'text', value: 'FILE', summary: 'write what was done to each attribute, as JSON; never a value' },
} as const satisfies OptionRecord;

export const deidentify = defineCommand({
  name: 'deidentify',
  summary: 'take what names the patient out of DICOM files: PS3.15 annex E',
  usage: 'IN OUT',
  details: `Files of the folder IN are written into OUT under new names. Pixels are not looked at: what may have names burned in is
listed, and --black-out hides it.`,
  options: DEIDENTIFY_OPTIONS,
  run: async (args, context) => (await import('./run-deidentify.ts')).runDeidentify(args, context),
});

import type { OptionRecord } from '../arguments/option.ts';

/** How cases are told apart, for commands that split them. */
export const DATASET_OPTIONS = {
  patient: {
    type: 'text',
    value: 'REGEX',
    summary: 'part of the case name that is the patient, so that no patient is split',
  },
  site: { type: 'text', value: 'REGEX', summary: 'part of the case name that is the site, shared out evenly' },
} as const satisfies OptionRecord;

/** `--without` of predict and evaluate. */
export const WITHOUT_OPTION = {
  type: 'text',
  value: 'NAMES',
  summary: 'take these channels away from every scan, names with commas; for mm-former and disentangled',
} as const;

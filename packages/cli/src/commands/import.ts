import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';
import { SERVER_OPTIONS } from './server-options.ts';

export const IMPORT_OPTIONS = {
  ...SERVER_OPTIONS,
  project: { type: 'text', value: 'NAME', summary: 'the project that new studies are put into', default: 'default' },
  deidentify: { type: 'flag', summary: 'store the scans without what tells who the patient is' },
  dates: {
    ...{ type: 'text', value: 'HOW', summary: 'what becomes of dates then' },
    ...{ choices: ['remove', 'shift', 'keep'], default: 'remove' },
  },
} as const satisfies OptionRecord;

export const importScans = defineCommand({
  name: 'import',
  summary: 'bring scans into the archive: a folder, a file, a zip, or another archive',
  usage: 'PATH|URL|dicom:AETITLE',
  details: `Works on the data folder itself, or has the server do it that runs on it; then VESALIUS_TOKEN must hold an API token.
A URL is another archive's DICOMweb root; dicom:AETITLE is one of the DIMSE peers in the settings.
What is there already is passed over; what is refused is listed with its reason and does not hold up the rest.`,
  options: IMPORT_OPTIONS,
  run: async (args, context) => (await import('./run-import.ts')).runImport(args, context),
});

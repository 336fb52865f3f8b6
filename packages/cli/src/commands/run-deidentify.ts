import { join, resolve } from 'node:path';
import { readFileBytes, writeFileAtomic } from '@vesalius/bundle/files';
import {
  createProjectKey,
  type DeidentifyChange,
  type DeidentifyPolicy,
  deidentifyFile,
  type PixelRegion,
  writeDicom,
} from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import type { OptionValues } from '../arguments/option.ts';
import { stopIfInterrupted } from '../interruption.ts';
import { assertOtherPlace } from './assert-other-place.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import { dicomFilesIn } from './convert-dicom-files.ts';
import type { DEIDENTIFY_OPTIONS } from './deidentify.ts';

interface FileReport {
  /** The new name: the old one may tell who the patient is. */
  readonly file: string;
  readonly changes: readonly DeidentifyChange[];
  readonly warnings: readonly string[];
}

/** De-identifies every DICOM file of a folder. */
export async function runDeidentify(
  { positionals: [input = '', output = ''], options }: CommandArguments<typeof DEIDENTIFY_OPTIONS>,
  { stdout, stderr, signal, json, cwd }: CommandContext,
): Promise<void> {
  if (output === '') throw new VesaliusError('INVALID_ARGUMENT', { what: 'OUT', got: 'none', expected: 'a folder' });
  assertOtherPlace(resolve(cwd, input), resolve(cwd, output));
  const policy = await policyOf(options, cwd);
  const reports: FileReport[] = [];
  for await (const { file } of dicomFilesIn(resolve(cwd, input))) {
    stopIfInterrupted(signal);
    const cleaned = await deidentifyFile(file, policy);
    const name = `${String(reports.length + 1).padStart(6, '0')}.dcm`;
    await writeFileAtomic(join(resolve(cwd, output), name), await writeDicom(cleaned.file));
    for (const warning of cleaned.warnings) stderr.write(`${name}: ${warning}\n`);
    reports.push({ file: name, changes: cleaned.changes, warnings: cleaned.warnings });
  }
  if (reports.length === 0) throw new VesaliusError('EMPTY_FOLDER', { what: 'DICOM files', got: 'none', file: input });
  if (options.report !== undefined)
    await writeFileAtomic(resolve(cwd, options.report), `${JSON.stringify(reports, null, 1)}\n`);
  const warned = reports.filter(({ warnings }) => warnings.length > 0).length;
  const summary = { files: reports.length, warned, folder: output };
  stdout.write(
    json ? `${JSON.stringify(summary)}\n` : `${reports.length} files in ${output}, ${warned} to be looked at\n`,
  );
}

async function policyOf(options: OptionValues<typeof DEIDENTIFY_OPTIONS>, cwd: string): Promise<DeidentifyPolicy> {
  const keyFile = options['project-key'];
  if (keyFile === undefined)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: '--project-key',
      got: 'none',
      expected: 'a file with the secret of the project',
    });
  return {
    key: await createProjectKey(await readFileBytes(resolve(cwd, keyFile))),
    dates: options.dates as 'remove' | 'shift' | 'keep',
    retainUids: options['keep-uids'],
    retainDevice: options['keep-device'],
    retainInstitution: options['keep-institution'],
    retainPatientCharacteristics: options['keep-patient'],
    cleanDescriptors: options['clean-descriptions'],
    cleanStructuredContent: options['clean-reports'],
    cleanGraphics: options['clean-graphics'],
    safePrivate: (options['safe-private']?.split(',') ?? []).map((creator) => ({ creator: creator.trim() })),
    blackOut: options['black-out']?.split(';').map(regionOf) ?? [],
  };
}

function regionOf(text: string): PixelRegion {
  const [left = Number.NaN, top = Number.NaN, width = Number.NaN, height = Number.NaN, ...more] = text
    .split(',')
    .map(Number);
  if (more.length === 0 && [left, top, width, height].every((value) => Number.isInteger(value) && value >= 0))
    return { left, top, width, height };
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: '--black-out',
    got: text,
    expected: 'x,y,width,height in pixels',
  });
}

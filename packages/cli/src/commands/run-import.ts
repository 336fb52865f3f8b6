import { resolve } from 'node:path';
import { deidentifySchema } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import type { ImportInput, ImportReport } from '@vesalius/server';
import { showProgress } from '../run/progress.ts';
import { openArchive } from '../server/open-archive.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { IMPORT_OPTIONS } from './import.ts';
import { readServerSettings } from './read-server-settings.ts';

const REFUSALS_SHOWN = 20;

/** Imports and tells what became of it. */
export async function runImport(
  { positionals: [what = ''], options }: CommandArguments<typeof IMPORT_OPTIONS>,
  { stdout, stderr, signal, json, cwd }: CommandContext,
): Promise<void> {
  const { deidentify, dates } = options;
  const input = { ...inputOf(what, cwd), ...(deidentify && { deidentify: deidentifySchema.parse({ dates }) }) };
  const archive = await openArchive(readServerSettings(options, cwd), options.log ?? 'error');
  const progress = showProgress(stderr, { label: 'Importing', json });
  try {
    const report = await archive.run('import', input, {
      project: options.project,
      signal,
      onProgress: ({ progress: done, message = '' }) =>
        progress.update({ done: Math.round(done * 100), total: 100, note: message }),
    });
    progress.finish();
    stdout.write(json ? `${JSON.stringify(report)}\n` : told(report));
    const { stored, present, refused } = report;
    if (refused > 0 && stored + present === 0)
      throw new VesaliusError('FILE_UNSUPPORTED', { what: 'scans to import', got: `${refused}, all refused` });
  } finally {
    await archive.close();
  }
}

function inputOf(what: string, cwd: string): ImportInput {
  const [, aeTitle] = /^dicom:(.+)$/.exec(what) ?? [];
  if (aeTitle !== undefined) return { kind: 'dimse', aeTitle };
  if (!/^https?:\/\//.test(what)) return { kind: 'folder', path: resolve(cwd, what) };
  if (!URL.canParse(what)) throw new VesaliusError('INVALID_ARGUMENT', { what: 'address to import from', got: what });
  const authorization = process.env['VESALIUS_PEER_AUTHORIZATION'];
  return { kind: 'dicomweb', url: what, ...(authorization ? { authorization } : {}) };
}

function told({ found, stored, present, notDicom, refused, refusals, toBeLookedAt = 0 }: ImportReport): string {
  const lines = [
    `${found} files: ${stored} stored, ${present} were there, ${notDicom} no DICOM, ${refused} refused`,
    ...(toBeLookedAt > 0 ? [`  ${toBeLookedAt} may still show who the patient is: look at their pixels`] : []),
    ...refusals.slice(0, REFUSALS_SHOWN).map(({ name, reason, what }) => `  ${name}: ${reason} (${what})`),
  ];
  if (refused > REFUSALS_SHOWN) lines.push(`  and ${refused - REFUSALS_SHOWN} more; --json lists a thousand`);
  return `${lines.join('\n')}\n`;
}

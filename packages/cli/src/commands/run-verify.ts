import { VesaliusError } from '@vesalius/errors';
import type { VerificationReport } from '@vesalius/server';
import { showProgress } from '../run/progress.ts';
import { openArchive } from '../server/open-archive.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import { readServerSettings } from './read-server-settings.ts';
import type { VERIFY_OPTIONS } from './verify.ts';

const SHOWN = 20;

/** Compares index and files and tells every disagreement. */
export async function runVerify(
  { options }: CommandArguments<typeof VERIFY_OPTIONS>,
  { stdout, stderr, signal, json, cwd }: CommandContext,
): Promise<void> {
  const archive = await openArchive(readServerSettings(options, cwd), options.log ?? 'error');
  const progress = showProgress(stderr, { label: 'Verifying', json });
  try {
    const { repair, deep } = options;
    const onProgress = ({ message = '' }) => progress.update({ done: 0, total: 1, note: message });
    const report = await archive.run('verification', { repair, deep }, { project: 'default', signal, onProgress });
    progress.finish();
    stdout.write(json ? `${JSON.stringify(report)}\n` : told(report));
    const open = total(report) - report.repaired;
    if (open > 0) throw new VesaliusError('HASH_MISMATCH', { what: 'index and files', got: `${open} disagreements` });
  } finally {
    await archive.close();
  }
}

function total({ counts }: VerificationReport): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function told(report: VerificationReport): string {
  const lines = report.findings
    .slice(0, SHOWN)
    .map(({ kind, what, repaired }) => `  ${kind}: ${what}${repaired ? ' (repaired)' : ''}`);
  return `${[`${total(report)} disagreements, ${report.repaired} repaired`, ...lines].join('\n')}\n`;
}

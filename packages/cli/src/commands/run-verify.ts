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
    if (lossesOf(report) > 0 && report.repaired < total(report))
      throw new VesaliusError('HASH_MISMATCH', { what: 'index and files', got: `${lossesOf(report)} disagreements` });
  } finally {
    await archive.close();
  }
}

function total({ counts }: VerificationReport): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** What a program that was killed left behind was never acknowledged: nothing is lost with it. */
const LEFT_BEHIND: readonly string[] = ['object without row', 'leftover'];

function lossesOf({ counts }: VerificationReport): number {
  return Object.entries(counts).reduce((sum, [kind, count]) => sum + (LEFT_BEHIND.includes(kind) ? 0 : count), 0);
}

function told(report: VerificationReport): string {
  const lines = report.findings
    .slice(0, SHOWN)
    .map(({ kind, what, repaired }) => `  ${kind}: ${what}${repaired ? ' (repaired)' : ''}`);
  const losses = lossesOf(report);
  const left = total(report) - losses;
  const summary = `${losses} disagreements, ${left} left behind by a program that was killed, ${report.repaired} repaired`;
  const hint =
    left > 0 && report.repaired === 0 ? ['  --repair removes what was left behind; nothing is lost with it'] : [];
  return `${[summary, ...lines, ...hint].join('\n')}\n`;
}

import { VesaliusError } from '@vesalius/errors';
import { openArchive } from '../server/open-archive.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import { readServerSettings } from './read-server-settings.ts';
import type { SERVER_OPTIONS } from './server-options.ts';

/** Verifies the audit log. */
export async function runAudit(
  { positionals: [what = ''], options }: CommandArguments<typeof SERVER_OPTIONS>,
  { stdout, json, cwd }: CommandContext,
): Promise<void> {
  if (what !== 'verify')
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'what to do with the audit log',
      got: what,
      expected: 'verify',
    });
  const archive = await openArchive(readServerSettings(options, cwd), options.log ?? 'error');
  try {
    const verification = await archive.verifyAudit();
    const { intact, events, broken } = verification;
    stdout.write(json ? `${JSON.stringify(verification)}\n` : `${events} events, ${intact ? 'intact' : 'broken'}\n`);
    if (intact) return;
    throw new VesaliusError('HASH_MISMATCH', {
      what: 'audit log',
      got: broken?.what ?? 'broken',
      expected: `event ${broken?.sequence ?? 0} as it was written`,
    });
  } finally {
    await archive.close();
  }
}

import { VesaliusError } from '@vesalius/errors';
import { createLog, openServer } from '@vesalius/server';
import type { CommandArguments, CommandContext } from './command.ts';
import { readServerSettings } from './read-server-settings.ts';
import type { SERVER_OPTIONS } from './server-options.ts';

/** Prints a new one-time password. */
export async function runPassword(
  { positionals: [name = ''], options }: CommandArguments<typeof SERVER_OPTIONS>,
  { stdout, json, cwd }: CommandContext,
): Promise<void> {
  if (name === '') throw new VesaliusError('INVALID_ARGUMENT', { what: 'NAME', got: 'none', expected: 'a user' });
  const server = await openServer(readServerSettings(options, cwd), createLog(options.log ?? 'error'));
  try {
    const reset = await server.resetPassword(name).catch((cause: unknown) => {
      throw new VesaliusError('INVALID_ARGUMENT', { what: 'user with a password here', got: name, cause });
    });
    stdout.write(json ? `${JSON.stringify(reset)}\n` : `One-time password of ${name}: ${reset.oneTimePassword}\n`);
  } finally {
    await server.close();
  }
}

import { fileErrorOf } from '@vesalius/bundle/files';
import { ERROR_CODES, VesaliusError } from '@vesalius/errors';
import { helpCommand, helpErrors, helpOverview } from './arguments/help-text.ts';
import { nearestName } from './arguments/nearest-name.ts';
import { parseArguments } from './arguments/parse-arguments.ts';
import type { Command, CommandContext } from './commands/command.ts';
import { programVersion } from './program-version.ts';

export type CommandLineContext = Omit<CommandContext, 'json'>;

const DEFECT_STATUS = 1;

/**
 * Runs one command line; errors become one line on stderr.
 *
 * @returns the exit status: 0, that of the error's code, or 1 for a defect of this program
 */
export async function runCommandLine(
  commands: readonly Command[],
  line: readonly string[],
  context: CommandLineContext,
): Promise<number> {
  try {
    await dispatch(commands, line, context);
    return 0;
  } catch (cause) {
    return reportError(fileErrorOf(cause), line.includes('--json'), context);
  }
}

async function dispatch(
  commands: readonly Command[],
  line: readonly string[],
  context: CommandLineContext,
): Promise<void> {
  const [name = '--help', ...rest] = line;
  if (name === '--version') return print(context, programVersion());
  if (name === '--help' || name === '-h') return print(context, helpOverview(commands));
  if (name === 'help') return print(context, helpFor(commands, rest[0]));
  const command = commandNamed(commands, name);
  const args = parseArguments(command, rest);
  if (args.options.help) return print(context, helpCommand(command));
  await command.run(args, { ...context, json: args.options.json });
}

function print({ stdout }: CommandLineContext, text: string): void {
  stdout.write(`${text}\n`);
}

function helpFor(commands: readonly Command[], topic: string | undefined): string {
  if (topic === undefined) return helpOverview(commands);
  return topic === 'errors' ? helpErrors() : helpCommand(commandNamed(commands, topic));
}

function commandNamed(commands: readonly Command[], name: string): Command {
  const command = commands.find((known) => known.name === name);
  if (command) return command;
  const names = commands.map((known) => known.name);
  const nearest = nearestName(name, names);
  const expected = nearest === undefined ? names.join(', ') : `${nearest}?`;
  throw new VesaliusError('UNKNOWN_OPTION', { what: 'command', got: name, expected });
}

function reportError(error: unknown, json: boolean, { stderr }: CommandLineContext): number {
  const status = error instanceof VesaliusError ? ERROR_CODES[error.code].exitStatus : DEFECT_STATUS;
  stderr.write(`${json ? JSON.stringify({ error: asJson(error), exitStatus: status }) : asText(error)}\n`);
  return status;
}

function asText(error: unknown): string {
  if (error instanceof VesaliusError) return error.message;
  if (process.env['VESALIUS_DEBUG']) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `DEFECT: ${messageOf(error)} (this should not happen; VESALIUS_DEBUG=1 shows where)`;
}

function asJson(error: unknown): object {
  if (!(error instanceof VesaliusError)) return { code: 'DEFECT', message: messageOf(error) };
  const { cause: _, ...details } = error.details;
  return { code: error.code, message: error.message, ...details };
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}

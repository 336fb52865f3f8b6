import { ERROR_CODES } from '@vesalius/errors';
import type { Command } from '../commands/command.ts';
import type { Option, OptionRecord } from './option.ts';
import { SHARED_OPTIONS } from './parse-arguments.ts';

/** What `vesalius --help` prints. */
export function helpOverview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }): [string, string] => [name, summary]);
  return [
    'Usage: vesalius COMMAND [ARGUMENTS] [OPTIONS]',
    '',
    'Trains, measures and runs models on medical scans.',
    '',
    'Commands:',
    ...columns(rows),
    '',
    'Options:',
    ...columns([
      ['--help', 'help for everything, or for a command behind its name'],
      ['--version', 'the version of this program'],
    ]),
    '',
    '`vesalius help errors` lists the exit statuses.',
  ].join('\n');
}

/** What `vesalius COMMAND --help` prints. */
export function helpCommand({ name, usage, summary, details, options }: Command): string {
  const all: OptionRecord = { ...options, ...SHARED_OPTIONS };
  return [
    `Usage: vesalius ${[name, usage, '[OPTIONS]'].filter(Boolean).join(' ')}`,
    '',
    summary,
    ...(details === undefined ? [] : ['', details]),
    '',
    'Options:',
    ...columns(Object.entries(all).map(([key, option]) => [spelled(key, option), described(option)])),
  ].join('\n');
}

/** What `vesalius help errors` prints. */
export function helpErrors(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, { exitStatus, meaning }]): [string, string] => [
    `${String(exitStatus).padStart(3)}  ${code}`,
    meaning,
  ]);
  return ['Exit statuses:', ...columns([['  0', 'success'], ['  1', 'a defect of this program'], ...rows])].join('\n');
}

function spelled(name: string, option: Option): string {
  return option.type === 'flag' ? `--${name}` : `--${name} ${option.value}`;
}

function described(option: Option): string {
  const notes: string[] = [];
  if (option.type === 'text' && option.choices) notes.push(option.choices.join(', '));
  if (option.type !== 'flag' && option.default !== undefined) notes.push(`default ${option.default}`);
  return notes.length === 0 ? option.summary : `${option.summary} (${notes.join('; ')})`;
}

/** Two columns, the first as wide as its longest text. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
}

import { parseArgs } from 'node:util';
import { VesaliusError } from '@vesalius/errors';
import type { Command, CommandArguments } from '../commands/command.ts';
import { nearestName } from './nearest-name.ts';
import type { Option, OptionRecord, OptionValues } from './option.ts';
import { parseDuration } from './parse-duration.ts';

/** Options every command has. */
export const SHARED_OPTIONS = {
  help: { type: 'flag', summary: 'show this help' },
  json: { type: 'flag', summary: 'answer with JSON, for machines' },
} as const satisfies OptionRecord;

/**
 * Reads a command's part of the command line.
 *
 * @throws UNKNOWN_OPTION with the nearest known name, INVALID_ARGUMENT for a value of the wrong kind or too many or few arguments
 */
export function parseArguments<Options extends OptionRecord>(
  command: Command<Options>,
  line: readonly string[],
): CommandArguments<Options & typeof SHARED_OPTIONS> {
  const known: OptionRecord = { ...command.options, ...SHARED_OPTIONS };
  const given = new Map<string, string>();
  const positionals: string[] = [];
  for (const token of tokensOf(known, line)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind === 'option') given.set(token.name, givenValue(token, known));
  }
  if (!given.has('help')) checkCount(command, positionals);
  const values = Object.entries(known).map(([name, option]) => [name, optionValue(name, option, given.get(name))]);
  return { positionals, options: Object.fromEntries(values) as OptionValues<Options & typeof SHARED_OPTIONS> };
}

type Token = Extract<ReturnType<typeof tokensOf>[number], { kind: 'option' }>;

function tokensOf(known: OptionRecord, line: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { type }]) => [
      name,
      { type: type === 'flag' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  return parseArgs({ args: [...line], options, allowPositionals: true, strict: false, tokens: true }).tokens;
}

function givenValue({ name, rawName, value }: Token, known: OptionRecord): string {
  const option = known[name];
  if (!option) throw unknownOption(rawName, Object.keys(known));
  if (option.type === 'flag' && value !== undefined) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: `value of ${rawName}`,
      got: value,
      expected: 'none: it is a switch',
    });
  }
  // A forgotten value must not swallow the option behind it; a negative number is one.
  if (option.type !== 'flag' && (value === undefined || value === '' || /^-[^\d.]/.test(value))) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: `value of ${rawName}`,
      got: value ?? 'none',
      expected: option.value,
    });
  }
  return value ?? '';
}

function unknownOption(rawName: string, known: readonly string[]): VesaliusError {
  const nearest = nearestName(rawName.replace(/^-+/, ''), known);
  const expected = nearest === undefined ? 'see --help' : `--${nearest}?`;
  return new VesaliusError('UNKNOWN_OPTION', { what: 'option', got: rawName, expected });
}

function checkCount({ name, usage }: Pick<Command, 'name' | 'usage'>, positionals: readonly string[]): void {
  const words = usage.split(' ').filter((word) => word !== '');
  const fewest = words.filter((word) => !word.startsWith('[')).length;
  const most = words.some((word) => word.includes('...')) ? Number.POSITIVE_INFINITY : words.length;
  if (positionals.length >= fewest && positionals.length <= most) return;
  const got = positionals.length === 0 ? 'none' : positionals.join(' ');
  throw new VesaliusError('INVALID_ARGUMENT', { what: `arguments of ${name}`, got, expected: usage || 'none' });
}

function optionValue(name: string, option: Option, text: string | undefined): string | number | boolean | undefined {
  if (option.type === 'flag') return text !== undefined;
  if (text === undefined) return option.default;
  if (option.type === 'duration') return parseDuration(text, `--${name}`);
  if (option.type === 'number') return numberOf(name, option, text);
  if (!option.choices || option.choices.includes(text)) return text;
  throw new VesaliusError('INVALID_ARGUMENT', { what: `--${name}`, got: text, expected: option.choices.join(', ') });
}

function numberOf(name: string, option: Extract<Option, { type: 'number' }>, text: string): number {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY, integer = false } = option;
  const value = Number(text);
  if (Number.isFinite(value) && value >= minimum && value <= maximum && (!integer || Number.isInteger(value)))
    return value;
  const range = Number.isFinite(minimum) ? ` from ${minimum}` : '';
  const end = Number.isFinite(maximum) ? ` to ${maximum}` : '';
  const expected = `a ${integer ? 'whole ' : ''}number${range}${end}`;
  throw new VesaliusError('INVALID_ARGUMENT', { what: `--${name}`, got: text, expected });
}

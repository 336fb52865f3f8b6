import type { CommandContext } from '../commands/command.ts';
import { DATA_WARNINGS, type DataReport } from './data-report.ts';

const MOST_NAMES = 8;
const MOST_ERRORS = 20;

/** Writes what the data check found to stderr, for a person to read; a single error is left to the line the command ends with. */
export function printDataReport(
  { errors, warnings }: DataReport,
  { stderr, json }: Pick<CommandContext, 'stderr' | 'json'>,
): void {
  if (json) {
    for (const warning of warnings) stderr.write(`${JSON.stringify({ warning })}\n`);
    for (const error of errors) stderr.write(`${JSON.stringify({ dataError: error })}\n`);
    return;
  }
  for (const { code, cases, text } of warnings) {
    const who =
      cases.length === 0 ? '' : `\n  ${cases.length} ${cases.length === 1 ? 'case' : 'cases'}: ${someOf(cases)}`;
    stderr.write(`warning ${code}: ${DATA_WARNINGS[code]} ${text}.${who}\n`);
  }
  if (errors.length < 2) return;
  for (const { text } of errors.slice(0, MOST_ERRORS)) stderr.write(`error ${text}\n`);
  if (errors.length > MOST_ERRORS) stderr.write(`... and ${errors.length - MOST_ERRORS} more errors\n`);
}

function someOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

import { VesaliusError } from '@vesalius/errors';
import { CODE_TABLE, CONTEXT_GROUPS } from './generated/code-table.ts';

/** A coded concept: PS3.3 8.1. */
export interface Code {
  readonly value: string;
  /** Who defines it: `SCT`, `DCM`, `UCUM`, ... */
  readonly scheme: string;
  readonly meaning: string;
  readonly version?: string;
}

/** What the table knows of a code. */
export interface CodeEntry extends Code {
  /** A word to name it by in code, unique within its scheme. */
  readonly keyword: string;
  /** The context groups of PS3.16 that it is in, among those that `contextGroups` lists. */
  readonly groups: readonly number[];
}

const byValue = new Map<string, CodeEntry>();
const byKeyword = new Map<string, CodeEntry>();

function load(): void {
  if (byValue.size > 0) return;
  let scheme = '';
  for (const line of CODE_TABLE.trim().split('\n')) {
    if (line.startsWith('>')) scheme = line.slice(1);
    else enter(scheme, line.split('|'));
  }
}

function enter(scheme: string, [value = '', keyword = '', meaning = '', groups = '']: readonly string[]): void {
  const entry = { value, scheme, meaning, keyword, groups: groups === '' ? [] : groups.split(',').map(Number) };
  byValue.set(`${scheme}|${value}`, entry);
  if (!byKeyword.has(`${scheme}|${keyword}`)) byKeyword.set(`${scheme}|${keyword}`, entry);
}

/** The entry of a code, to learn its meaning or its groups. */
export function codeEntry(scheme: string, value: string): CodeEntry | undefined {
  load();
  return byValue.get(`${scheme}|${value}`);
}

/**
 * A code by its keyword: `codeNamed('SCT', 'Liver')`, `codeNamed('UCUM', 'Millimeter')`.
 *
 * @throws UNKNOWN_OPTION for a keyword that the table lacks
 */
export function codeNamed(scheme: string, keyword: string): Code {
  load();
  const entry = byKeyword.get(`${scheme}|${keyword}`);
  if (entry === undefined) throw new VesaliusError('UNKNOWN_OPTION', { what: `code of ${scheme}`, got: keyword });
  return { value: entry.value, scheme, meaning: entry.meaning };
}

/** Every code of a context group, such as 7150 (segmentation categories) or 4031 (anatomic regions). */
export function codesOfGroup(group: number): CodeEntry[] {
  load();
  return [...byValue.values()].filter((entry) => entry.groups.includes(group));
}

/** The numbers and names of the context groups in the table. */
export function contextGroups(): ReadonlyMap<number, string> {
  const rows = CONTEXT_GROUPS.trim().split('\n');
  return new Map(rows.map((row) => [Number.parseInt(row, 10), row.slice(row.indexOf('|') + 1)]));
}

/** True when two codes are one concept, whatever their meanings are spelled like. */
export function sameCode(a: Code | undefined, b: Code | undefined): boolean {
  return a !== undefined && b !== undefined && a.value === b.value && a.scheme === b.scheme;
}

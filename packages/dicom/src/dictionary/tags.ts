import { VesaliusError } from '@vesalius/errors';
import type { Keyword } from './generated/keyword.ts';
import { REPEATING_TABLE } from './generated/repeating-table.ts';
import { TAG_TABLE } from './generated/tag-table.ts';
import type { Vr } from './vr.ts';

/** What PS3.6 says of a tag. */
export interface TagEntry {
  /** Several where the data set decides: `US` or `SS`, `OB` or `OW`; none for delimiters. */
  readonly vrs: readonly Vr[];
  /** As the standard writes it: `1`, `1-n`, `2-2n`. */
  readonly vm: string;
  readonly keyword: string;
  readonly retired: boolean;
}

/** A tag as a number (`0x00100010`) or by its keyword. */
export type TagName = number | Keyword;

const lineOf = new Map<number, string>();
const tagOfKeyword = new Map<string, number>();
const repeating: { readonly mask: number; readonly tag: number; readonly line: string }[] = [];

/** The tables are taken apart on first use: 5,000 short strings, a few milliseconds. */
function load(): void {
  if (lineOf.size > 0) return;
  let group = 0;
  for (const line of TAG_TABLE.trim().split('\n')) {
    if (line.startsWith('>')) group = Number.parseInt(line.slice(1), 16) * 0x10000;
    else enter(group + Number.parseInt(line.slice(0, 4), 16), line.slice(5));
  }
  for (const line of REPEATING_TABLE.trim().split('\n')) {
    const digits = line.slice(0, 8);
    const tag = Number.parseInt(digits.replaceAll('x', '0'), 16);
    const mask = Number.parseInt(digits.replaceAll(/[^x]/g, 'f').replaceAll('x', '0'), 16);
    repeating.push({ mask, tag, line: line.slice(9) });
    keep(tag, line.slice(9));
  }
}

function enter(tag: number, line: string): void {
  lineOf.set(tag, line);
  keep(tag, line);
}

function keep(tag: number, line: string): void {
  const keyword = line.split(' ')[2];
  if (keyword && !tagOfKeyword.has(keyword)) tagOfKeyword.set(keyword, tag);
}

/** The dictionary's entry of a tag, repeating groups included; nothing for private and unknown tags. */
export function tagEntry(tag: number): TagEntry | undefined {
  const line = standardLine(tag);
  if (line === undefined) return undefined;
  const [vrs = '', vm = '', keyword = ''] = line.split(' ');
  return {
    vrs: vrs === '--' ? [] : (vrs.split('/') as Vr[]),
    vm,
    keyword: keyword === '!' ? '' : keyword,
    retired: line.endsWith('!'),
  };
}

/** The VR field alone, as in the table (`US/SS`): what a parser asks for each element. */
export function dictionaryVrs(tag: number): string | undefined {
  const line = standardLine(tag);
  return line?.slice(0, line.indexOf(' '));
}

function standardLine(tag: number): string | undefined {
  load();
  const line = lineOf.get(tag);
  if (line !== undefined || isPrivate(tag)) return line;
  return repeating.find((row) => (tag & row.mask) === (row.tag & row.mask))?.line;
}

/**
 * The number of a tag.
 *
 * @throws UNKNOWN_OPTION for a keyword that is not in the dictionary
 */
export function tagOf(name: TagName | string): number {
  if (typeof name === 'number') return name;
  load();
  const tag = tagOfKeyword.get(name);
  if (tag === undefined) throw new VesaliusError('UNKNOWN_OPTION', { what: 'keyword of a DICOM attribute', got: name });
  return tag;
}

/** The keyword of a tag; empty for private and unknown ones. */
export function keywordOf(tag: number): string {
  return tagEntry(tag)?.keyword ?? '';
}

/** `(0010,0020)`, as the standard writes a tag. */
export function showTag(tag: number): string {
  const digits = hexTag(tag);
  return `(${digits.slice(0, 4)},${digits.slice(4)})`;
}

/** `00100020`: the name of an attribute in DICOM JSON. */
export function hexTag(tag: number): string {
  return tag.toString(16).toUpperCase().padStart(8, '0');
}

export function isPrivate(tag: number): boolean {
  return (tag & 0x10000) !== 0;
}

/** PS3.5 7.8.1: (gggg,0010) to (gggg,00FF) of an odd group name who owns a block. */
export function isPrivateCreator(tag: number): boolean {
  const element = tag & 0xffff;
  return isPrivate(tag) && element >= 0x10 && element <= 0xff;
}

/** The element that names the owner of a private element: (gggg,00bb) for (gggg,bbee). */
export function creatorTagOf(tag: number): number {
  return ((tag & 0xffff0000) | ((tag >>> 8) & 0xff)) >>> 0;
}

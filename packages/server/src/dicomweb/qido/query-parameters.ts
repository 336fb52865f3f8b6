import { hexTag, isPrivate, tagEntry, tagOf } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import type { ArchiveQuery, MatchKey } from '../../store/archive.ts';
import { couldMatch } from '../../store/could-match.ts';
import { shownName } from '../call.ts';
import { badRequest } from '../refusals.ts';

/** What the query of a search says: PS3.18 8.3.4. */
export interface QueryParameters extends Pick<ArchiveQuery, 'match' | 'include' | 'fuzzy'> {
  readonly offset: number;
  readonly limit?: number;
  /** Parameters that were read and not followed. */
  readonly unsupported: readonly string[];
}

type Raw = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Of PS3.18 8.3.4.6 and 8.3.4.7, and of the request itself, which is read elsewhere. */
const UNSUPPORTED = ['emptyvaluematching', 'multiplevaluematching'];
const NOT_KEYS = ['includefield', 'fuzzymatching', 'limit', 'offset', 'accept', 'charset', ...UNSUPPORTED];

/** @throws 400 for an attribute that is none, a number that is none, an attribute that is asked for twice */
export function readQueryParameters(raw: Raw): QueryParameters {
  const include = includeOf(listOf(raw['includefield']));
  const limit = countOf(raw, 'limit');
  return {
    match: matchOf(raw),
    ...(include === undefined ? {} : { include }),
    fuzzy: flagOf(raw, 'fuzzymatching'),
    offset: countOf(raw, 'offset') ?? 0,
    ...(limit === undefined ? {} : { limit }),
    unsupported: UNSUPPORTED.filter((name) => flagOf(raw, name)),
  };
}

function matchOf(raw: Raw): MatchKey[] {
  const match: MatchKey[] = [];
  for (const [name, value] of Object.entries(raw)) {
    if (NOT_KEYS.includes(name)) continue;
    const tag = pathOf(name);
    const values = listOf(value);
    if (match.some((key) => key.tag === tag) || (values.length > 1 && !isUid(tag)))
      throw badRequest(`parameter ${shownName(name)}`, { got: 'several', expected: 'one' });
    const text = keyText(tag, values);
    if (!couldMatch({ tag, value: text }))
      throw badRequest(`parameter ${shownName(name)}`, { expected: `a value of ${vrOf(tag)}` });
    match.push({ tag, value: text });
  }
  return match;
}

/** PS3.18 8.3.4.1: UIDs may be listed with commas; backslashes are what PS3.4 writes. Coded strings are as free of commas as UIDs. */
function keyText(tag: string, values: readonly string[]): string {
  return isUid(tag) || vrOf(tag) === 'CS' ? values.join('\\').replaceAll(',', '\\') : (values[0] ?? '');
}

function isUid(tag: string): boolean {
  return vrOf(tag) === 'UI';
}

function vrOf(path: string): string | undefined {
  return tagEntry(Number.parseInt(path.slice(-8), 16))?.vrs[0];
}

function includeOf(values: readonly string[]): 'all' | readonly string[] | undefined {
  const names = values.flatMap((value) => value.split(',')).filter((name) => name !== '');
  if (names.includes('all')) return 'all';
  return names.length === 0 ? undefined : [...new Set(names.map(pathOf))];
}

/** A tag, a keyword, or a path of them, as eight digits each. */
function pathOf(name: string): string {
  return name.split('.').map(tagDigits).join('.');
}

function tagDigits(name: string): string {
  try {
    if (!/^[\da-fA-F]{8}$/.test(name)) return hexTag(tagOf(name));
  } catch (error) {
    if (!(error instanceof VesaliusError)) throw error;
    throw unknownAttribute(name);
  }
  const tag = Number.parseInt(name, 16);
  if (!isPrivate(tag) && tagEntry(tag) === undefined) throw unknownAttribute(name);
  return name.toUpperCase();
}

function unknownAttribute(name: string) {
  return badRequest('attribute of the query', {
    got: shownName(name),
    expected: 'a keyword or tag of the dictionary, or a path of them',
  });
}

function countOf(raw: Raw, name: string): number | undefined {
  const values = listOf(raw[name]);
  if (values.length === 0) return undefined;
  if (values.length === 1 && /^\d{1,9}$/.test(values[0] as string)) return Number(values[0]);
  throw badRequest(`parameter ${name}`, { expected: 'a number from 0' });
}

function flagOf(raw: Raw, name: string): boolean {
  const values = listOf(raw[name]);
  if (values.length <= 1 && ['true', 'false', undefined].includes(values[0])) return values[0] === 'true';
  throw badRequest(`parameter ${name}`, { expected: 'true or false' });
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

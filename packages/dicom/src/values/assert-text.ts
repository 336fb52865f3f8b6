import { VesaliusError } from '@vesalius/errors';
import { showTag } from '../dictionary/tags.ts';
import { ruleOf, type Vr } from '../dictionary/vr.ts';

/** Characters a value may have, the groups of a name each: PS3.5 table 6.2-1. Queries may state ranges of dates and times. */
const MOST_CHARACTERS: Partial<Record<Vr, number>> = {
  AE: 16,
  AS: 4,
  CS: 16,
  DA: 18,
  DS: 16,
  DT: 54,
  IS: 12,
  LO: 64,
  LT: 10240,
  PN: 64,
  SH: 16,
  ST: 1024,
  TM: 28,
  UI: 64,
};

/** What values may hold; `*` and `?` are of queries. */
const REPERTOIRES: Partial<Record<Vr, RegExp>> = {
  AS: /^(\d{3}[DWMY])?$/,
  CS: /^[A-Z0-9 _*?]*$/,
  DA: /^[\d.-]*$/,
  DS: /^ *([+-]?(\d+\.?\d*|\.\d+)(E[+-]?\d+)?)? *$/i,
  DT: /^[\d+. -]*$/,
  IS: /^ *([+-]?\d+)? *$/,
  TM: /^[\d.: -]*$/,
  UI: /^((0|[1-9]\d*)(\.(0|[1-9]\d*))*|\*)?$/,
};

/**
 * Refuses text that its VR cannot hold.
 *
 * @throws VALUE_INVALID, naming the tag and the rule but never the value
 */
export function assertText(tag: number, vr: Vr, text: string): void {
  const most = MOST_CHARACTERS[vr] ?? Number.POSITIVE_INFINITY;
  const parts = vr === 'PN' ? text.split('=') : [text];
  const longest = Math.max(...parts.map((part) => part.length));
  const fail = (got: string, expected: string): never => {
    throw new VesaliusError('VALUE_INVALID', { what: `value of ${showTag(tag)}`, got, expected: `${vr}: ${expected}` });
  };
  if (longest > most) fail(`${longest} characters`, `at most ${most}`);
  if (ruleOf(vr).several && text.includes('\\')) fail('a backslash', 'none, since it parts values');
  if (REPERTOIRES[vr]?.test(text) === false) fail('characters out of its repertoire', 'PS3.5 table 6.2-1');
}

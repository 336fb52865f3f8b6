import { hexTag } from '../dictionary/tags.ts';
import { CONFIDENTIALITY_TABLE } from './generated/confidentiality-table.ts';

/** What is done to an attribute, PS3.15 table E.1-1a: remove, empty, dummy value, new UID, keep, clean. */
export type Action = 'X' | 'Z' | 'D' | 'U' | 'K' | 'C';

/** The options of PS3.15 E.3 that change what the table says of an attribute. */
export type TableOption =
  | 'uids'
  | 'device'
  | 'institution'
  | 'patient'
  | 'fullDates'
  | 'shiftedDates'
  | 'descriptors'
  | 'structured'
  | 'graphics';

export interface ConfidentialityRule {
  readonly basic: Action;
  readonly options: { readonly [O in TableOption]?: Action };
}

const rules = new Map<string, ConfidentialityRule>();
const repeating: string[] = [];

function load(): void {
  if (rules.size > 0) return;
  for (const line of CONFIDENTIALITY_TABLE.trim().split('\n')) {
    const [digits = '', basic = '', ...options] = line.split(' ');
    rules.set(digits, {
      basic: settled(basic),
      options: Object.fromEntries(options.map((option) => option.split(':'))),
    });
    if (digits.includes('x')) repeating.push(digits);
  }
}

/**
 * Which of `X/Z/D` depends on the attribute's type in its object. An empty value satisfies type 2 and a dummy type 1, and neither tells
 * more than removal does.
 */
function settled(basic: string): Action {
  if (basic.includes('U')) return 'U';
  if (basic.includes('D')) return 'D';
  return basic.includes('Z') ? 'Z' : 'X';
}

/** The table's rule of an attribute; nothing where it has none. */
export function confidentialityRule(tag: number): ConfidentialityRule | undefined {
  load();
  const digits = hexTag(tag).toLowerCase();
  const exact = rules.get(digits);
  if (exact !== undefined) return exact;
  const mask = repeating.find((row) => [...row].every((letter, i) => letter === 'x' || letter === digits[i]));
  return mask === undefined ? undefined : rules.get(mask);
}

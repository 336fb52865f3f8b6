import type { Element } from '../data-set/element.ts';
import { strings } from './read-values.ts';

/** A name of PN: up to three ways to write it, each `family^given^middle^prefix^suffix`: PS3.5 6.2.1. */
export interface PersonName {
  readonly alphabetic: string;
  readonly ideographic?: string;
  readonly phonetic?: string;
}

/** The parts of one component group. */
export interface NameParts {
  readonly family: string;
  readonly given: string;
  readonly middle: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** Takes a stored name apart at `=`. */
export function parsePersonName(text: string): PersonName {
  const [alphabetic = '', ideographic = '', phonetic = ''] = text.split('=');
  return { alphabetic, ...(ideographic ? { ideographic } : {}), ...(phonetic ? { phonetic } : {}) };
}

/** The stored form, without empty groups at the end. */
export function showPersonName({ alphabetic, ideographic = '', phonetic = '' }: PersonName): string {
  return [alphabetic, ideographic, phonetic].join('=').replace(/=+$/, '');
}

/** The parts of a component group, such as `alphabetic`; missing ones are empty. */
export function nameParts(group: string): NameParts {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = group.split('^');
  return { family, given, middle, prefix, suffix };
}

export function personNames(element: Element, characterSets: readonly string[]): readonly PersonName[] {
  return element.vr === 'PN' ? strings(element, characterSets).map(parsePersonName) : [];
}

import type { SegmentLabel } from '@vesalius/api';
import { type CodeEntry, codeNamed, codesOfGroup } from '@vesalius/dicom';

/** What a label means, as its DICOM segment says it. */
export type Meaning = Required<Pick<SegmentLabel, 'category' | 'type'>>;

/** CID 7151, what a segment may be. */
const TYPES = 7151;
/** The categories of CID 7150 by the context groups of the types that belong to them. */
const CATEGORIES: readonly (readonly [group: number, keyword: string])[] = [
  [7159, 'MorphologicallyAbnormalStructure'],
  [7192, 'AnatomicalStructure'],
  [7193, 'PhysicalObject'],
  [7191, 'Tissue'],
];
const MOST_OF_CODE = 16;
const MOST_OF_MEANING = 64;

/** Meanings whose words begin as those of a query do, the shortest first; or the one whose code it is. */
export function findCodes(query: string, most: number): Meaning[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  return codesOfGroup(TYPES)
    .filter(({ value, meaning }) => value === query.trim() || hasWords(meaning, wanted))
    .toSorted((a, b) => a.meaning.length - b.meaning.length || (a.meaning < b.meaning ? -1 : 1))
    .slice(0, most)
    .map((entry) => ({ type: bare(entry), category: categoryOf(entry) }));
}

/** A meaning in the own words, of a private coding scheme: PS3.16 8.2. */
export function ownMeaning(text: string): Meaning {
  const meaning = text.trim().slice(0, MOST_OF_MEANING);
  const letters = meaning.toUpperCase().replaceAll(/[^\p{Letter}\p{Number}]/gu, '');
  const type = { value: letters.slice(0, MOST_OF_CODE) || 'OTHER', scheme: '99VESALIUS', meaning };
  return { type, category: codeNamed('SCT', 'Tissue') };
}

function hasWords(meaning: string, wanted: readonly string[]): boolean {
  const words = meaning.toLowerCase().split(/[\s,()/-]+/);
  return wanted.every((begin) => words.some((word) => word.startsWith(begin)));
}

function categoryOf({ groups }: CodeEntry): Meaning['category'] {
  const [, keyword] = CATEGORIES.find(([group]) => groups.includes(group)) ?? [0, 'Tissue'];
  return codeNamed('SCT', keyword);
}

function bare({ value, scheme, meaning }: CodeEntry): Meaning['type'] {
  return { value, scheme, meaning };
}

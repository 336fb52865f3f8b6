import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import type { Keyword } from '../dictionary/generated/keyword.ts';
import { type LookupTable, readDescriptor, tableOf } from './lookup-table.ts';
import { signedInput } from './modality.ts';

const COLORS = ['Red', 'Green', 'Blue'] as const;

/**
 * The red, green and blue tables of a palette, segmented ones written out: PS3.3 C.7.6.3.1.5, C.7.9.2.
 *
 * @throws VALUE_INVALID when a table is missing, too short or damaged
 */
export function paletteOf(dataSet: DataSet): [LookupTable, LookupTable, LookupTable] {
  const [red, green, blue] = COLORS.map((color) => colorTable(dataSet, color));
  return [red, green, blue] as [LookupTable, LookupTable, LookupTable];
}

function colorTable(dataSet: DataSet, color: (typeof COLORS)[number]): LookupTable {
  const descriptor: Keyword = `${color}PaletteColorLookupTableDescriptor`;
  const segmented: Keyword = `Segmented${color}PaletteColorLookupTableData`;
  const signed = signedInput(dataSet);
  if (!dataSet.has(segmented))
    return tableOf(dataSet, { descriptor, data: `${color}PaletteColorLookupTableData`, signed });
  const { count, first, bits } = readDescriptor(dataSet, descriptor, signed);
  const entries = expandSegments(dataSet.numbers(segmented), count);
  if (entries.length < count)
    throw new VesaliusError('VALUE_INVALID', { what: segmented, got: `${entries.length} entries`, expected: count });
  return { first, bits, entries: Uint16Array.from(entries.slice(0, count)) };
}

/** PS3.3 C.7.9.2.1 to C.7.9.2.3: discrete values, straight lines from the last value, and repetitions of earlier segments. */
function expandSegments(words: readonly number[], most: number): number[] {
  const entries: number[] = [];
  for (let at = 0; at < words.length && entries.length < most; )
    at = expandOne(words, at, { entries, most, nested: false });
  return entries;
}

interface Expansion {
  readonly entries: number[];
  readonly most: number;
  /** Segments that an indirect one repeats may not be indirect. */
  readonly nested: boolean;
}

/** Writes out the segment at a place; gives the place after it. */
function expandOne(words: readonly number[], at: number, expansion: Expansion): number {
  const [code, length = 0] = words.slice(at, at + 2);
  const { entries, most } = expansion;
  if (code === 0) {
    for (const word of words.slice(at + 2, at + 2 + Math.min(length, most - entries.length))) entries.push(word);
    return at + 2 + length;
  }
  if (code === 1 && entries.length > 0) {
    const from = entries.at(-1) as number;
    const to = words[at + 2] ?? from;
    for (let i = 1; i <= length && entries.length < most; i++)
      entries.push(Math.round(from + ((to - from) * i) / length));
    return at + 3;
  }
  if (code === 2 && !expansion.nested) {
    // The place is in words, the low one of its 32 bits first.
    let from = (words[at + 2] ?? 0) + (words[at + 3] ?? 0) * 0x10000;
    for (let i = 0; i < length && entries.length < most; i++)
      from = expandOne(words, from, { ...expansion, nested: true });
    return at + 4;
  }
  throw new VesaliusError('VALUE_INVALID', {
    what: 'segmented palette',
    got: `segment ${code ?? 'missing'}`,
    expected: '0, 1 or 2',
  });
}

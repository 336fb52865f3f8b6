import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import type { Keyword } from '../dictionary/generated/keyword.ts';
import { littleBytes } from '../part10/encode-data-set.ts';

/** A table over whole numbers: PS3.3 C.11.1.1.1. */
export interface LookupTable {
  /** The input that the first entry belongs to; smaller ones get it too. */
  readonly first: number;
  /** Bits of an entry: 8 to 16. */
  readonly bits: number;
  readonly entries: Uint16Array<ArrayBuffer>;
}

const MOST_ENTRIES = 65_536;

/** A modality or VOI table from the item of its sequence. */
export function lookupTable(item: DataSet, signed: boolean): LookupTable {
  return tableOf(item, { descriptor: 'LUTDescriptor', data: 'LUTData', signed });
}

export interface TableSource {
  readonly descriptor: Keyword;
  readonly data: Keyword;
  /** Whether inputs, and so the first one mapped, are signed. */
  readonly signed: boolean;
}

/**
 * A table from a descriptor (entries, first input, bits) and its data.
 *
 * @throws VALUE_INVALID when the descriptor or the data are missing or too short
 */
export function tableOf(dataSet: DataSet, { descriptor, data, signed }: TableSource): LookupTable {
  const { count, first, bits } = readDescriptor(dataSet, descriptor, signed);
  const entries = wordsOf(dataSet, data, { count, bits });
  if (entries.length < count)
    throw new VesaliusError('VALUE_INVALID', { what: data, got: `${entries.length} entries`, expected: count });
  return { first, bits, entries: entries.slice(0, count) };
}

export function readDescriptor(
  dataSet: DataSet,
  name: Keyword,
  signed: boolean,
): { count: number; first: number; bits: number } {
  const [count, first, bits] = dataSet.numbers(name);
  if (count === undefined || first === undefined || bits === undefined)
    throw new VesaliusError('VALUE_INVALID', { what: name, got: 'fewer than 3 values' });
  return {
    // PS3.3 C.11.1.1.1: 65,536 does not fit 16 bits and is written as 0; as SS the count may read negative.
    count: (count & 0xffff) === 0 ? MOST_ENTRIES : count & 0xffff,
    first: signed ? (first << 16) >> 16 : first & 0xffff,
    bits: Math.min(16, Math.max(8, bits)),
  };
}

/** Entries of 16 bits, or of 8 bits packed two to a word. */
function wordsOf(
  dataSet: DataSet,
  name: Keyword,
  { count, bits }: { count: number; bits: number },
): Uint16Array<ArrayBuffer> {
  const element = dataSet.get(name);
  if (element?.kind !== 'value') throw new VesaliusError('VALUE_INVALID', { what: name, got: 'none' });
  const bytes = littleBytes(element, dataSet);
  if (bits === 8 && bytes.length < 2 * count) return Uint16Array.from(bytes);
  return new Uint16Array(bytes.slice(0, bytes.length & ~1).buffer);
}

/** The entry of an input; inputs before and after the table get its first and last one. */
export function lookUp({ first, entries }: LookupTable, input: number): number {
  const place = Math.min(Math.max(Math.round(input) - first, 0), entries.length - 1);
  return entries[place] as number;
}

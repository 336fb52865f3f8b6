import type { Vr } from '../dictionary/vr.ts';
import type { Encoding } from '../part10/encoding.ts';
import type { DataSet } from './data-set.ts';

interface ElementCore {
  readonly tag: number;
  /** The VR the value is read with: the file's own, or the dictionary's where the file has none or `UN`. */
  readonly vr: Vr;
  /** The whole element as it was found, header included, and how: written again as it is. */
  readonly stored?: { readonly bytes: Uint8Array; readonly encoding: Encoding };
}

/** An element with a value: the bytes as stored, a view of the file, decoded when asked for. */
export interface ValueElement extends ElementCore {
  readonly kind: 'value';
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
}

/** A sequence of items: PS3.5 7.5. */
export interface SequenceElement extends ElementCore {
  readonly kind: 'sequence';
  readonly vr: 'SQ';
  readonly items: readonly DataSet[];
}

/** Encapsulated pixel data: PS3.5 A.4. */
export interface FragmentsElement extends ElementCore {
  readonly kind: 'fragments';
  /** The basic offset table: little-endian 32-bit numbers, or empty. */
  readonly offsetTable: Uint8Array;
  readonly fragments: readonly Uint8Array[];
}

/** One data element. Never changed: a new value is a new element. */
export type Element = ValueElement | SequenceElement | FragmentsElement;

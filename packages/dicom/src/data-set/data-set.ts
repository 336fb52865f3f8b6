import { creatorTagOf, type TagName, tagOf } from '../dictionary/tags.ts';
import { type PersonName, personNames } from '../values/person-name.ts';
import { bigints, numbers, strings } from '../values/read-values.ts';
import type { Element } from './element.ts';

/** `SpecificCharacterSet`, the one element that a data set needs to read its others. */
export const CHARACTER_SET_TAG = 0x00080005;

/**
 * The elements of an instance, a command or an item. Never changed: `with` and `without` give a new one, whose untouched
 * elements are still written byte for byte.
 */
export class DataSet implements Iterable<Element> {
  readonly #elements: ReadonlyMap<number, Element>;
  /** The terms of (0008,0005), the parent's where the item has none: PS3.3 C.12.1.1.2. */
  readonly characterSets: readonly string[];

  constructor(elements: Iterable<Element> | ReadonlyMap<number, Element>, inherited: readonly string[] = []) {
    this.#elements =
      elements instanceof Map ? elements : new Map(Array.from(elements as Iterable<Element>, (one) => [one.tag, one]));
    const own = this.#elements.get(CHARACTER_SET_TAG);
    this.characterSets = own === undefined ? inherited : strings(own, []);
  }

  get size(): number {
    return this.#elements.size;
  }

  /** Elements by rising tag: PS3.5 7.1. */
  *[Symbol.iterator](): Iterator<Element> {
    for (const tag of this.tags()) yield this.#elements.get(tag) as Element;
  }

  tags(): number[] {
    return [...this.#elements.keys()].sort((a, b) => a - b);
  }

  has(name: TagName): boolean {
    return this.#elements.has(tagOf(name));
  }

  get(name: TagName): Element | undefined {
    return this.#elements.get(tagOf(name));
  }

  /** Every value as text, without padding; numbers are written out, binary values and sequences give none. */
  strings(name: TagName): readonly string[] {
    const element = this.get(name);
    return element === undefined ? [] : strings(element, this.characterSets);
  }

  /** The first value as text; nothing where the element is missing or empty. */
  string(name: TagName): string | undefined {
    return this.strings(name)[0] || undefined;
  }

  /** Every value as a number: binary numbers, and IS and DS; NaN where the text is none. */
  numbers(name: TagName): readonly number[] {
    const element = this.get(name);
    return element === undefined ? [] : numbers(element);
  }

  number(name: TagName): number | undefined {
    return this.numbers(name)[0];
  }

  /** 64-bit integers: SV, UV, OV. */
  bigints(name: TagName): readonly bigint[] {
    const element = this.get(name);
    return element === undefined ? [] : bigints(element);
  }

  personNames(name: TagName): readonly PersonName[] {
    const element = this.get(name);
    return element === undefined ? [] : personNames(element, this.characterSets);
  }

  /** The items of a sequence; none where it is missing. */
  items(name: TagName): readonly DataSet[] {
    const element = this.get(name);
    return element?.kind === 'sequence' ? element.items : [];
  }

  /** The stored bytes; nothing for sequences and encapsulated pixel data. */
  bytes(name: TagName): Uint8Array | undefined {
    const element = this.get(name);
    return element?.kind === 'value' ? element.bytes : undefined;
  }

  /** Who owns a private element: the value of its creator element, PS3.5 7.8.1. */
  creatorOf(tag: number): string | undefined {
    return this.string(creatorTagOf(tag));
  }

  /** The private element of a creator, whatever block it was given: `group` odd, `last` the last byte of its element number. */
  privateElement(creator: string, group: number, last: number): Element | undefined {
    for (let block = 0x10; block <= 0xff; block++) {
      if (this.string(group * 0x10000 + block) === creator) return this.get(group * 0x10000 + block * 0x100 + last);
    }
    return undefined;
  }

  /** This data set with elements put in or replaced. */
  with(...elements: readonly Element[]): DataSet {
    const next = new Map(this.#elements);
    for (const element of elements) next.set(element.tag, element);
    return new DataSet(next, this.characterSets);
  }

  /** This data set less some elements. */
  without(...names: readonly TagName[]): DataSet {
    const next = new Map(this.#elements);
    for (const name of names) next.delete(tagOf(name));
    return new DataSet(next, this.characterSets);
  }
}

import { VesaliusError } from '@vesalius/errors';
import { CHARACTER_SET_TAG, DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import { showTag } from '../dictionary/tags.ts';
import { isVr, ruleOf, type Vr } from '../dictionary/vr.ts';
import { strings } from '../values/read-values.ts';
import { type Encoding, IMPLICIT_LITTLE } from './encoding.ts';
import { DEFAULT_LIMITS, type Limits, type Warning } from './limits.ts';
import { type Scope, settleVrs, vrsIn } from './settle-vrs.ts';

const UNDEFINED_LENGTH = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const PIXEL_DATA = 0x7fe00010;
const MOST_WARNINGS = 100;

export interface ParseOptions {
  readonly encoding: Encoding;
  /** Reading ends before the first element of the outer data set for which this is true. */
  readonly stopBefore?: (tag: number) => boolean;
  readonly limits?: Limits;
  /** More bytes follow those given: reaching the end is then FILE_TRUNCATED instead of a warning. */
  readonly partial?: boolean;
  /** Where in the file the bytes begin: for messages and warnings. */
  readonly offset?: number;
}

export interface ParsedDataSet {
  readonly dataSet: DataSet;
  /** Where reading ended. */
  readonly end: number;
  readonly warnings: readonly Warning[];
}

interface Header {
  readonly tag: number;
  /** One VR, or several parted by `/` that the data set decides between. */
  readonly vrs: string;
  readonly length: number;
  readonly start: number;
  /** The file says `UN`, whose value is implicit little endian in any transfer syntax: PS3.5 6.2.2. */
  readonly unknown: boolean;
}

/**
 * Reads the elements of a data set without preamble. Values stay views of `bytes`. What can be read in spite of a fault is
 * read, with a warning.
 *
 * @throws LIMIT_EXCEEDED for too deep nesting or too many elements, FILE_TRUNCATED when `partial` and more is needed
 */
export function parseDataSet(bytes: Uint8Array, options: ParseOptions): ParsedDataSet {
  const parser = new Parser(bytes, options);
  const dataSet = parser.dataSet(bytes.length, options.encoding, undefined);
  return { dataSet, end: parser.at, warnings: parser.warnings };
}

/** Encapsulated pixel data from its items, without the element around them. */
export function parseFragments(bytes: Uint8Array, encoding: Encoding): Element {
  return new Parser(bytes, { encoding }).pixels();
}

class Parser {
  at = 0;
  readonly warnings: Warning[] = [];
  #left: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #options: ParseOptions;
  readonly #limits: Limits;

  constructor(bytes: Uint8Array, options: ParseOptions) {
    // Node's Buffer has a `slice` of its own, which does not copy: values must not be of that kind.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#left = this.#limits.elements;
  }

  dataSet(end: number, encoding: Encoding, parent: Scope | undefined): DataSet {
    const depth = parent === undefined ? 0 : parent.depth + 1;
    if (depth > this.#limits.depth) throw this.#limit('depth of nested sequences', this.#limits.depth);
    const scope: Scope = {
      elements: new Map(),
      characterSets: parent?.characterSets ?? [],
      depth,
      encoding,
      unsettled: [],
    };
    this.#elements(end, scope, parent === undefined ? this.#options.stopBefore : undefined);
    settleVrs(scope, parent);
    return new DataSet(scope.elements, parent?.characterSets);
  }

  pixels(): Element {
    const { encoding } = this.#options;
    const scope: Scope = { elements: new Map(), characterSets: [], depth: 0, encoding, unsettled: [] };
    const header: Header = { tag: PIXEL_DATA, vrs: 'OB', length: UNDEFINED_LENGTH, start: 0, unknown: false };
    return this.#fragments(header, this.#bytes.length, scope);
  }

  #elements(end: number, scope: Scope, stopBefore: ((tag: number) => boolean) | undefined): void {
    while (this.#has(8, end)) {
      if (stopBefore?.(this.#tag(scope.encoding.littleEndian))) return;
      const header = this.#header(scope, end);
      if (header === undefined || header.tag === ITEM_END) return;
      if (header.tag >>> 16 === 0xfffe) {
        this.#warn('delimiter or item outside a sequence', header.start);
        // A sequence delimiter without the item's own ends both.
        if (header.tag === SEQUENCE_END && scope.depth > 0) this.at = header.start;
        return;
      }
      this.#spend();
      const element = this.#element(header, end, scope);
      if (scope.elements.has(element.tag)) this.#warn(`second ${showTag(element.tag)}`, header.start);
      scope.elements.set(element.tag, element);
      if (element.tag === CHARACTER_SET_TAG) scope.characterSets = strings(element, []);
      if (element.kind === 'value' && header.vrs.includes('/')) scope.unsettled.push({ element, vrs: header.vrs });
    }
    const left = Math.min(end, this.#bytes.length) - this.at;
    if (left > 0) this.#warn(`${left} bytes that are no element`, this.at);
    if (scope.depth > 0 && left > 0) this.at += left;
  }

  /** Whether bytes are left before `end`; where more of the file is to come, that they are here. */
  #has(count: number, end: number): boolean {
    if (this.at + count > this.#bytes.length && this.#options.partial && end >= this.#bytes.length)
      throw this.#truncated();
    return this.at + count <= Math.min(end, this.#bytes.length);
  }

  #tag(littleEndian: boolean): number {
    return this.#view.getUint16(this.at, littleEndian) * 0x10000 + this.#view.getUint16(this.at + 2, littleEndian);
  }

  #header(scope: Scope, end: number): Header | undefined {
    const { littleEndian, explicit } = scope.encoding;
    const start = this.at;
    const tag = this.#tag(littleEndian);
    this.at += 4;
    const letters = explicit && tag >>> 16 !== 0xfffe ? this.#letters() : '';
    // PS3.5 7.1.3; also an element without VR in an explicit data set, which some writers leave in items.
    if (letters === '') {
      const length = this.#uint32(littleEndian);
      return { tag, vrs: vrsIn(scope, tag), length, start, unknown: false };
    }
    this.at += 2;
    const known = isVr(letters) ? letters : undefined;
    // PS3.5 7.1.2: VRs that are not known yet have the long form; without its two zeros it is a writer's own short one.
    const long = known === undefined ? this.#view.getUint16(this.at, littleEndian) === 0 : ruleOf(known).long;
    if (!long) return { tag, vrs: known ?? 'UN', length: this.#uint16(littleEndian), start, unknown: false };
    this.at += 2;
    if (!this.#has(4, end)) return undefined;
    const length = this.#uint32(littleEndian);
    if (known !== 'UN') return { tag, vrs: known ?? 'UN', length, start, unknown: false };
    return { tag, vrs: this.#vrsOfUnknown(scope, tag, length), length, start, unknown: true };
  }

  /** PS3.5 6.2.2: `UN` may stand for any VR where the writer did not know it, and for a long value of a short one, which stays. */
  #vrsOfUnknown(scope: Scope, tag: number, length: number): string {
    if ((tag & 0xffff) === 0) return 'UN';
    const vrs = vrsIn(scope, tag);
    if (vrs === 'SQ' && length !== UNDEFINED_LENGTH) return this.#startsItem(true) || length === 0 ? 'SQ' : 'UN';
    return length < 0xffff || vrs === 'SQ' || (tag & 0x10000) !== 0 ? vrs : 'UN';
  }

  /** The two letters of an explicit VR, or nothing where there are none. */
  #letters(): string {
    const first = this.#bytes[this.at] as number;
    const second = this.#bytes[this.at + 1] as number;
    return isCapital(first) && isCapital(second) ? String.fromCharCode(first, second) : '';
  }

  #uint16(littleEndian: boolean): number {
    this.at += 2;
    return this.#view.getUint16(this.at - 2, littleEndian);
  }

  #uint32(littleEndian: boolean): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4, littleEndian);
  }

  #element(header: Header, end: number, scope: Scope): Element {
    const { tag, vrs, length } = header;
    if (length === UNDEFINED_LENGTH) {
      const bulk = tag === PIXEL_DATA || (vrs !== 'SQ' && vrs !== 'UN' && isVr(vrs) && ruleOf(vrs).kind === 'bytes');
      return bulk ? this.#fragments(header, end, scope) : this.#sequence(header, end, scope);
    }
    if (vrs === 'SQ') return this.#sequence(header, end, scope);
    const { start } = header;
    const { from, to } = this.#extent(header, end);
    this.at = to;
    const bytes = this.#bytes.subarray(from, to);
    const littleEndian = header.unknown || scope.encoding.littleEndian;
    // A VR in doubt is settled when the data set ends.
    const vr = (vrs.includes('/') ? 'UN' : vrs) as Vr;
    return { kind: 'value', tag, vr, bytes, littleEndian, ...this.#stored(start, scope, to - from === length) };
  }

  #stored(start: number, { encoding }: Scope, whole: boolean): Pick<Element, 'stored'> {
    return whole ? { stored: { bytes: this.#bytes.subarray(start, this.at), encoding } } : {};
  }

  /** Where a value of a stated length lies; cut off at the end of its item or of the file. */
  #extent({ tag, length, start }: Header, end: number): { from: number; to: number } {
    const from = this.at;
    const to = from + length;
    if (to > this.#bytes.length && this.#options.partial) throw this.#truncated();
    const last = Math.min(end, this.#bytes.length);
    if (to > last) this.#warn(`${showTag(tag)} is longer than what holds it`, start);
    return { from, to: Math.min(to, last) };
  }

  /** PS3.5 7.5. */
  #sequence(header: Header, end: number, scope: Scope): Element {
    const open = header.length === UNDEFINED_LENGTH;
    const to = open ? end : this.#extent(header, end).to;
    const promised = this.at + header.length;
    // PS3.5 6.2.2: items of an unknown element are implicit little endian; a writer who knew better keeps its own.
    const encoding = header.unknown ? this.#encodingOfItems(scope.encoding) : scope.encoding;
    const items: DataSet[] = [];
    const closed = this.#items(to, { ...scope, encoding }, items);
    if (open && !closed) this.#warn(`${showTag(header.tag)} is not ended`, header.start);
    if (!open) this.at = to;
    const whole = open ? closed : to === promised;
    return { kind: 'sequence', tag: header.tag, vr: 'SQ', items, ...this.#stored(header.start, scope, whole) };
  }

  #items(end: number, scope: Scope, items: DataSet[]): boolean {
    const { littleEndian } = scope.encoding;
    while (this.#has(8, end)) {
      const start = this.at;
      const tag = this.#tag(littleEndian);
      this.at += 4;
      const length = this.#uint32(littleEndian);
      if (tag === SEQUENCE_END) return true;
      if (tag !== ITEM) {
        this.#warn('no item where one was due', start);
        this.at = start;
        return false;
      }
      this.#spend();
      const header = { tag, vrs: 'SQ', length, start, unknown: false };
      const to = length === UNDEFINED_LENGTH ? end : this.#extent(header, end).to;
      items.push(this.dataSet(to, this.#encodingOfItem(scope.encoding, to), scope));
      if (length !== UNDEFINED_LENGTH) this.at = to;
    }
    return false;
  }

  /** Some explicit files hold items without VRs. */
  #encodingOfItem(outer: Encoding, end: number): Encoding {
    if (!outer.explicit || this.at + 6 > Math.min(end, this.#bytes.length)) return outer;
    if (this.#tag(outer.littleEndian) >>> 16 === 0xfffe) return outer;
    this.at += 4;
    const letters = this.#letters();
    this.at -= 4;
    return letters === '' ? { ...outer, explicit: false } : outer;
  }

  #encodingOfItems(outer: Encoding): Encoding {
    const at = this.at + 12;
    const [first = 0, second = 0] = this.#bytes.subarray(at, at + 2);
    const lettered = isCapital(first) && isCapital(second) && isVr(String.fromCharCode(first, second));
    return lettered && outer.explicit && this.#startsItem(outer.littleEndian) ? outer : IMPLICIT_LITTLE;
  }

  #startsItem(littleEndian: boolean): boolean {
    return this.at + 8 <= this.#bytes.length && this.#tag(littleEndian) === ITEM;
  }

  /** PS3.5 A.4: a basic offset table, then the fragments. */
  #fragments({ tag, vrs, start }: Header, end: number, scope: Scope): Element {
    const { littleEndian } = scope.encoding;
    const parts: Uint8Array[] = [];
    let closed = false;
    while (!closed && this.#has(8, end)) {
      const header: Header = { tag: this.#tag(littleEndian), vrs, start: this.at, length: 0, unknown: false };
      if (header.tag !== ITEM && header.tag !== SEQUENCE_END) break;
      this.at += 4;
      const length = this.#uint32(littleEndian);
      closed = header.tag === SEQUENCE_END;
      if (closed) break;
      this.#spend();
      const { from, to } = this.#extent({ ...header, length }, end);
      parts.push(this.#bytes.subarray(from, to));
      this.at = to;
    }
    if (!closed) this.#warn(`${showTag(tag)} is not ended`, start);
    const [offsetTable = this.#bytes.subarray(0, 0), ...fragments] = parts;
    const vr = isVr(vrs) && vrs !== 'UN' ? vrs : 'OB';
    return { kind: 'fragments', tag, vr, offsetTable, fragments, ...this.#stored(start, scope, closed) };
  }

  #spend(): void {
    if (--this.#left < 0) throw this.#limit('number of elements', this.#limits.elements);
  }

  #limit(what: string, most: number): VesaliusError {
    return new VesaliusError('LIMIT_EXCEEDED', {
      what: `${what} at byte ${this.#place()}`,
      expected: `at most ${most}`,
    });
  }

  #truncated(): VesaliusError {
    return new VesaliusError('FILE_TRUNCATED', { what: `data set at byte ${this.#place()}` });
  }

  #place(at = this.at): number {
    return at + (this.#options.offset ?? 0);
  }

  #warn(what: string, at: number): void {
    if (this.warnings.length < MOST_WARNINGS) this.warnings.push({ offset: this.#place(at), what });
  }
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

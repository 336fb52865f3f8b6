import { VesaliusError } from '@vesalius/errors';
import { type AnyField, type Schema, WIRE, WIRE_TYPE } from './schema.ts';

const TWO_31 = 2 ** 31;
const TWO_32 = 2 ** 32;
const TWO_63 = 2 ** 63;
const UTF8 = new TextEncoder();

type Sizes = Map<unknown, number>;
type Entries = readonly (readonly [name: string, field: AnyField])[];

const ENTRIES = new WeakMap<object, Entries>();

/**
 * Writes one Protocol Buffers message into one allocation of its final size.
 *
 * Properties that are `undefined` are left out; zeros and empty strings are written. Numbers in an array are packed.
 * Integers at or beyond the ends of int64 become its ends, so INT64_MAX, which no number holds, survives a round trip.
 * @throws INVALID_ARGUMENT for an integer field that is not an integer, or a message of 2 GiB or more
 */
export function encodeMessage<M extends object>(value: M, schema: Schema<M>): Uint8Array<ArrayBuffer> {
  const sizes: Sizes = new Map();
  const size = messageSize(value, schema, sizes);
  if (size >= TWO_31) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'size of a protobuf message',
      got: size,
      expected: 'below 2 GiB',
    });
  }
  const writer = new MessageWriter(new Uint8Array(size), sizes);
  writer.message(value, schema);
  return writer.bytes;
}

class MessageWriter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #sizes: Sizes;
  #position = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>, sizes: Sizes) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#sizes = sizes;
  }

  message(message: object, schema: object): void {
    for (const [name, field] of entriesOf(schema)) {
      const value = (message as Record<string, unknown>)[name];
      if (value === undefined) continue;
      if (!Array.isArray(value)) this.#tagged(field, value);
      else if (WIRE_TYPE[field.kind] === WIRE.bytes) for (const item of value) this.#tagged(field, item);
      else if (value.length > 0) this.#packed(field, value);
    }
  }

  #packed(field: AnyField, values: readonly unknown[]): void {
    this.#varint(field.number * 8 + WIRE.bytes);
    this.#varint(this.#sizes.get(values) as number);
    for (const value of values) this.#value(field, value);
  }

  #tagged(field: AnyField, value: unknown): void {
    this.#varint(field.number * 8 + WIRE_TYPE[field.kind]);
    this.#value(field, value);
  }

  #value(field: AnyField, value: unknown): void {
    if (field.kind === 'float' || field.kind === 'double') this.#real(field.kind, value as number);
    else if (WIRE_TYPE[field.kind] === WIRE.varint) this.#varint(value as number | bigint);
    else if (field.kind === 'message') {
      this.#varint(this.#sizes.get(value) as number);
      this.message(value as object, field.schema());
    } else this.#content(value as string | Uint8Array);
  }

  #real(kind: 'float' | 'double', value: number): void {
    if (kind === 'float') this.#view.setFloat32(this.#position, value, true);
    else this.#view.setFloat64(this.#position, value, true);
    this.#position += kind === 'float' ? 4 : 8;
  }

  #content(value: string | Uint8Array): void {
    this.#varint(contentSize(value));
    if (typeof value === 'string') this.#text(value);
    else {
      this.bytes.set(value, this.#position);
      this.#position += value.length;
    }
  }

  #text(value: string): void {
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      // The first that is not ASCII hands the rest to the encoder, whose call costs more than a short name.
      if (code >= 0x80) {
        this.#position += UTF8.encodeInto(value.slice(i), this.bytes.subarray(this.#position)).written;
        return;
      }
      this.bytes[this.#position++] = code;
    }
  }

  #varint(value: number | bigint): void {
    if (isOneByte(value)) {
      this.bytes[this.#position++] = Number(value);
      return;
    }
    let [low, high] = words(value);
    while (high !== 0 || low > 0x7f) {
      this.bytes[this.#position++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.bytes[this.#position++] = low;
  }
}

function messageSize(message: object, schema: object, sizes: Sizes): number {
  let size = 0;
  for (const [name, field] of entriesOf(schema)) {
    const value = (message as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const tag = varintSize(field.number * 8);
    if (!Array.isArray(value)) size += tag + valueSize(field, value, sizes);
    else if (WIRE_TYPE[field.kind] === WIRE.bytes)
      for (const item of value) size += tag + valueSize(field, item, sizes);
    else if (value.length > 0) size += tag + packedSize(field, value, sizes);
  }
  sizes.set(message, size);
  return size;
}

function packedSize(field: AnyField, values: readonly unknown[], sizes: Sizes): number {
  let size = 0;
  for (const value of values) size += valueSize(field, value, sizes);
  sizes.set(values, size);
  return varintSize(size) + size;
}

function valueSize(field: AnyField, value: unknown, sizes: Sizes): number {
  switch (field.kind) {
    case 'float':
      return 4;
    case 'double':
      return 8;
    case 'int':
    case 'bigint':
      return varintSize(value as number | bigint);
    default: {
      const size =
        field.kind === 'message'
          ? messageSize(value as object, field.schema(), sizes)
          : contentSize(value as string | Uint8Array);
      return varintSize(size) + size;
    }
  }
}

function entriesOf(schema: object): Entries {
  const known = ENTRIES.get(schema);
  if (known !== undefined) return known;
  const entries: Entries = Object.entries(schema as Record<string, AnyField>);
  ENTRIES.set(schema, entries);
  return entries;
}

/** Bytes in UTF-8; half a surrogate pair becomes U+FFFD, of three bytes. */
function contentSize(value: string | Uint8Array): number {
  if (typeof value !== 'string') return value.length;
  let size = value.length;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x80) continue;
    size += code < 0x800 ? 1 : 2;
    // A pair is four bytes: two units that count one each, and two more.
    if ((value.codePointAt(i) as number) > 0xffff) i++;
  }
  return size;
}

function varintSize(value: number | bigint): number {
  if (isOneByte(value)) return 1;
  const [low, high] = words(value);
  const bits = high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low);
  return Math.max(1, Math.ceil(bits / 7));
}

/** Most varints are: tags, lengths of names, small numbers. */
function isOneByte(value: number | bigint): boolean {
  return value >= 0 && value < 0x80 && (typeof value === 'bigint' || Number.isInteger(value));
}

/** Two's complement as two unsigned 32-bit words, low first. */
function words(value: number | bigint): [number, number] {
  if (typeof value === 'bigint') return [Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n))];
  if (!Number.isInteger(value)) {
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'integer field', got: value, expected: 'an integer' });
  }
  if (value >= TWO_63) return [0xffffffff, 0x7fffffff];
  if (value <= -TWO_63) return [0, 0x80000000];
  const high = Math.floor(value / TWO_32);
  return [value - high * TWO_32, high >>> 0];
}

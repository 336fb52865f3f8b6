import type { VesaliusError } from '@vesalius/errors';
import { fileError } from '../binary/file-error.ts';
import { type AnyField, type Schema, WIRE, WIRE_TYPE } from './schema.ts';

/** Deeper nesting than any real model or event file has; protobuf's own readers stop at 100. */
const MAX_DEPTH = 100;
const TWO_32 = 2 ** 32;

type Fields = ReadonlyMap<number, { readonly name: string; readonly field: AnyField }>;
type Message = Record<string, unknown>;

const FIELDS = new WeakMap<object, Fields>();
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads one Protocol Buffers message.
 *
 * Unknown fields are skipped. Absent fields stay `undefined`, repeated ones too. `bytes` fields are views, not copies.
 * @throws FILE_TRUNCATED when the bytes end early, FILE_FORMAT when they break the encoding or nest deeper than 100
 */
export function decodeMessage<M>(bytes: Uint8Array, schema: Schema<M>, file?: string): M {
  return new MessageDecoder(bytes, file).message(schema, bytes.length, 0) as M;
}

class MessageDecoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string | undefined;
  #position = 0;
  /** The last varint, as two 32-bit words. */
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array, file: string | undefined) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
  }

  message(schema: object, end: number, depth: number): Message {
    if (depth > MAX_DEPTH) throw this.#malformed('messages nested too deep', depth, `at most ${MAX_DEPTH}`);
    const fields = fieldsOf(schema);
    const message: Message = {};
    while (this.#position < end) {
      const tag = this.#unsigned(end);
      const number = Math.floor(tag / 8);
      if (number === 0) throw this.#malformed('field number', 0, 'at least 1');
      const known = fields.get(number);
      if (known === undefined) this.#skip(tag % 8, end);
      else this.#field(message, known.name, known.field, { wireType: tag % 8, end, depth });
    }
    return message;
  }

  #field(message: Message, name: string, field: AnyField, at: { wireType: number; end: number; depth: number }): void {
    const wireType = WIRE_TYPE[field.kind];
    const packed = field.repeated === true && wireType !== WIRE.bytes && at.wireType === WIRE.bytes;
    if (at.wireType !== wireType && !packed) throw this.#malformed(`wire type of field ${name}`, at.wireType, wireType);
    if (field.repeated !== true) {
      message[name] = this.#value(field, at.end, at.depth);
      return;
    }
    message[name] ??= [];
    const values = message[name] as unknown[];
    if (!packed) {
      values.push(this.#value(field, at.end, at.depth));
      return;
    }
    const end = this.#take(this.#unsigned(at.end), at.end);
    while (this.#position < end) values.push(this.#value(field, end, at.depth));
  }

  #value(field: AnyField, end: number, depth: number): unknown {
    switch (field.kind) {
      case 'int':
        this.#varint(end);
        return this.#high * TWO_32 + this.#low;
      case 'bigint':
        this.#varint(end);
        return (BigInt(this.#high) << 32n) | BigInt(this.#low);
      case 'float':
        return this.#view.getFloat32(this.#advance(4, end), true);
      case 'double':
        return this.#view.getFloat64(this.#advance(8, end), true);
      case 'message': {
        const last = this.#take(this.#unsigned(end), end);
        return this.message(field.schema(), last, depth + 1);
      }
      default: {
        const content = this.#content(end);
        return field.kind === 'string' ? UTF8.decode(content) : content;
      }
    }
  }

  #content(end: number): Uint8Array {
    const length = this.#unsigned(end);
    const start = this.#advance(length, end);
    return this.#bytes.subarray(start, start + length);
  }

  #skip(wireType: number, end: number): void {
    if (wireType === WIRE.varint) this.#varint(end);
    else if (wireType === WIRE.fixed64) this.#advance(8, end);
    else if (wireType === WIRE.bytes) this.#content(end);
    else if (wireType === WIRE.fixed32) this.#advance(4, end);
    else throw this.#malformed('wire type', wireType, '0, 1, 2 or 5');
  }

  #unsigned(end: number): number {
    this.#varint(end);
    return (this.#high >>> 0) * TWO_32 + this.#low;
  }

  /** Leaves the low word unsigned and the high word signed. */
  #varint(end: number): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#advance(1, end)] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high;
        return;
      }
    }
    throw this.#malformed('varint', 'more than 10 bytes', 'at most 10');
  }

  /** Moves on and says where it stood. */
  #advance(length: number, end: number): number {
    const start = this.#position;
    this.#position = this.#take(length, end);
    return start;
  }

  /** Where the next `length` bytes end. */
  #take(length: number, end: number): number {
    const next = this.#position + length;
    if (next <= end) return next;
    const details = { what: 'protobuf field', got: `${end - this.#position} bytes`, expected: `${length} bytes` };
    throw fileError(end === this.#bytes.length ? 'FILE_TRUNCATED' : 'FILE_FORMAT', details, this.#file);
  }

  #malformed(what: string, got: unknown, expected: unknown): VesaliusError {
    return fileError('FILE_FORMAT', { what: `protobuf: ${what}`, got, expected }, this.#file);
  }
}

function fieldsOf(schema: object): Fields {
  const known = FIELDS.get(schema);
  if (known !== undefined) return known;
  const entries = Object.entries(schema as Record<string, AnyField>);
  const fields: Fields = new Map(entries.map(([name, field]) => [field.number, { name, field }]));
  FIELDS.set(schema, fields);
  return fields;
}

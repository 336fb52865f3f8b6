import type { VesaliusError } from '@vesalius/errors';
import { fileError } from '../binary/file-error.ts';
import { PickleCallable, type PickleValue } from './pickle-value.ts';

/** What a pickle may refer to. */
export interface PickleWorld {
  /** The meaning of `module.name`; undefined refuses the file. */
  readonly global: (name: string) => PickleCallable | undefined;
  readonly persistent: (id: PickleValue) => PickleValue;
}

const UTF8 = new TextDecoder();
const MAX_LONG_BYTES = 8;

/**
 * Reads plain data out of a pickle. Nothing is executed: a global that `world` does not know is refused by its name.
 *
 * @throws FILE_UNSUPPORTED for other globals and opcodes, FILE_FORMAT and FILE_TRUNCATED when damaged
 * @source Python, pickletools (protocols 2 to 5)
 */
export function unpickle(bytes: Uint8Array, world: PickleWorld, file?: string): PickleValue {
  return new Unpickler(bytes, world, file).run();
}

type Opcode = (u: Unpickler) => void;

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #world: PickleWorld;
  readonly #file: string | undefined;
  readonly #memo = new Map<number, PickleValue>();
  readonly #marks: PickleValue[][] = [];
  #stack: PickleValue[] = [];
  #position = 0;

  constructor(bytes: Uint8Array, world: PickleWorld, file: string | undefined) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#world = world;
    this.#file = file;
  }

  run(): PickleValue {
    for (;;) {
      const code = this.u8();
      if (code === STOP) return this.pop();
      const opcode = OPCODES.get(code);
      if (opcode === undefined) throw this.#error('FILE_UNSUPPORTED', 'pickle opcode', `0x${code.toString(16)}`);
      opcode(this);
    }
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw this.damaged('an empty stack');
    return value;
  }

  top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.damaged('an empty stack');
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack);
    this.#stack = [];
  }

  /** Everything pushed since the last mark. */
  popMark(): PickleValue[] {
    const values = this.#stack;
    const below = this.#marks.pop();
    if (below === undefined) throw this.damaged('no mark');
    this.#stack = below;
    return values;
  }

  popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  remember(key: number): void {
    this.#memo.set(key, this.top());
  }

  memoize(): void {
    this.remember(this.#memo.size);
  }

  recall(key: number): void {
    const value = this.#memo.get(key);
    if (value === undefined) throw this.damaged(`no value number ${key}`);
    this.push(value);
  }

  list(): PickleValue[] {
    const value = this.top();
    if (!Array.isArray(value)) throw this.damaged('no list');
    return value;
  }

  setItems(pairs: readonly PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof Map) || pairs.length % 2 !== 0) throw this.damaged('no dictionary');
    for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i] as PickleValue, pairs[i + 1] as PickleValue);
  }

  global(module: PickleValue, name: PickleValue): void {
    const full = `${String(module)}.${String(name)}`;
    const known = this.#world.global(full);
    if (known === undefined) {
      throw this.#error('FILE_UNSUPPORTED', 'object in a pickle', full, 'tensors in plain dictionaries and lists only');
    }
    this.push(known);
  }

  call(): void {
    const args = this.pop();
    const callable = this.pop();
    if (!(callable instanceof PickleCallable) || !Array.isArray(args)) throw this.damaged('a call of plain data');
    this.push(callable.call(args));
  }

  persistent(): void {
    this.push(this.#world.persistent(this.pop()));
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  u64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** The one big-endian value of the format. */
  f64(): number {
    return this.#view.getFloat64(this.#advance(8));
  }

  /** A signed integer of any length; beyond 2^53 the nearest number. */
  long(length: number): number {
    if (length > MAX_LONG_BYTES) throw this.#error('FILE_UNSUPPORTED', 'integer in a pickle', `${length} bytes`);
    const bytes = this.take(length);
    const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return Number(BigInt.asIntN(8 * length, value));
  }

  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(length: number): string {
    return UTF8.decode(this.take(length));
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    if (end < 0) throw this.#error('FILE_TRUNCATED', 'pickle', 'a line without end');
    const text = this.text(end - this.#position);
    this.#position++;
    return text;
  }

  damaged(got: string): VesaliusError {
    return this.#error('FILE_FORMAT', 'pickle', got);
  }

  #advance(length: number): number {
    const start = this.#position;
    if (start + length > this.#bytes.length)
      throw this.#error('FILE_TRUNCATED', 'pickle', `${this.#bytes.length} bytes`);
    this.#position = start + length;
    return start;
  }

  #error(code: 'FILE_FORMAT' | 'FILE_TRUNCATED' | 'FILE_UNSUPPORTED', what: string, got: string, expected?: string) {
    return fileError(code, { what, got, expected }, this.#file);
  }
}

const STOP = 0x2e;

/** The opcodes that data needs, under their names in pickletools. */
const OPCODES: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  [0x80, (u) => void u.u8()], // PROTO
  [0x95, (u) => void u.u64()], // FRAME
  [0x4e, (u) => u.push(null)], // NONE
  [0x88, (u) => u.push(true)], // NEWTRUE
  [0x89, (u) => u.push(false)], // NEWFALSE
  [0x4a, (u) => u.push(u.i32())], // BININT
  [0x4b, (u) => u.push(u.u8())], // BININT1
  [0x4d, (u) => u.push(u.u16())], // BININT2
  [0x8a, (u) => u.push(u.long(u.u8()))], // LONG1
  [0x47, (u) => u.push(u.f64())], // BINFLOAT
  [0x58, (u) => u.push(u.text(u.u32()))], // BINUNICODE
  [0x8c, (u) => u.push(u.text(u.u8()))], // SHORT_BINUNICODE
  [0x8d, (u) => u.push(u.text(u.u64()))], // BINUNICODE8
  [0x55, (u) => u.push(u.text(u.u8()))], // SHORT_BINSTRING
  [0x42, (u) => u.push(u.take(u.u32()))], // BINBYTES
  [0x43, (u) => u.push(u.take(u.u8()))], // SHORT_BINBYTES
  [0x28, (u) => u.mark()], // MARK
  [0x30, (u) => void u.pop()], // POP
  [0x31, (u) => void u.popMark()], // POP_MARK
  [0x32, (u) => u.push(u.top())], // DUP
  [0x29, (u) => u.push([])], // EMPTY_TUPLE
  [0x85, (u) => u.push(u.popMany(1))], // TUPLE1
  [0x86, (u) => u.push(u.popMany(2))], // TUPLE2
  [0x87, (u) => u.push(u.popMany(3))], // TUPLE3
  [0x74, (u) => u.push(u.popMark())], // TUPLE
  [0x5d, (u) => u.push([])], // EMPTY_LIST
  [0x61, (u) => append(u, [u.pop()])], // APPEND
  [0x65, (u) => append(u, u.popMark())], // APPENDS
  [0x7d, (u) => u.push(new Map())], // EMPTY_DICT
  [0x73, (u) => u.setItems(u.popMany(2))], // SETITEM
  [0x75, (u) => u.setItems(u.popMark())], // SETITEMS
  [0x71, (u) => u.remember(u.u8())], // BINPUT
  [0x72, (u) => u.remember(u.u32())], // LONG_BINPUT
  [0x94, (u) => u.memoize()], // MEMOIZE
  [0x68, (u) => u.recall(u.u8())], // BINGET
  [0x6a, (u) => u.recall(u.u32())], // LONG_BINGET
  [0x63, (u) => u.global(u.line(), u.line())], // GLOBAL
  [0x93, (u) => u.global(...pair(u))], // STACK_GLOBAL
  [0x52, (u) => u.call()], // REDUCE
  [0x62, (u) => void u.pop()], // BUILD: the attributes of an ordered dictionary, which say nothing of its tensors
  [0x51, (u) => u.persistent()], // BINPERSID
]);

function append(u: Unpickler, values: readonly PickleValue[]): void {
  const list = u.list();
  for (const value of values) list.push(value);
}

function pair(u: Unpickler): [PickleValue, PickleValue] {
  const name = u.pop();
  return [u.pop(), name];
}

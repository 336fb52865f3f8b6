import { crc32 } from 'node:zlib';
import { VesaliusError } from '@vesalius/errors';

const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
/** The checksum follows the data; names are UTF-8. */
const FLAGS = 0x0808;
/** 1 January 1980, the first there is: the same study gives the same bytes. */
const DATE = 0x21;
const MOST_BYTES = 0xffff_ffff;
const MOST_ENTRIES = 0xffff;

/** Lengths of fixed parts of the format. */
const SIZES = { local: 30, descriptor: 16, central: 46, end: 22 };

/** A file of a zip; its length need not be known before. */
export interface ZipEntry {
  readonly name: string;
  readonly body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/**
 * How long `writeZip` makes these.
 *
 * @throws LIMIT_EXCEEDED above 4 GiB or 65,535 files
 */
export function zipLength(entries: readonly { readonly name: string; readonly bytes: number }[]): number {
  const around = SIZES.local + SIZES.descriptor + SIZES.central;
  const length = entries.reduce(
    (sum, { name, bytes }) => sum + bytes + around + 2 * Buffer.byteLength(name),
    SIZES.end,
  );
  if (length > MOST_BYTES) throw tooLarge('bytes of a zip archive', MOST_BYTES);
  if (entries.length > MOST_ENTRIES) throw tooLarge('entries of a zip archive', MOST_ENTRIES);
  return length;
}

/**
 * A zip archive, uncompressed, written as its files come: APPNOTE 6.3.
 *
 * @throws LIMIT_EXCEEDED, once it is above 4 GiB or 65,535 files
 */
export async function* writeZip(entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const { name: text, body } of entries) {
    const name = Buffer.from(text);
    yield localHeader(name);
    let crc = 0;
    let size = 0;
    for await (const chunk of body) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
    yield descriptor(crc, size);
    directory.push(centralHeader({ name, crc, size, offset }));
    offset += SIZES.local + name.length + size + SIZES.descriptor;
    if (offset > MOST_BYTES) throw tooLarge('bytes of a zip archive', MOST_BYTES);
    if (directory.length > MOST_ENTRIES) throw tooLarge('entries of a zip archive', MOST_ENTRIES);
  }
  const central = Buffer.concat(directory);
  yield central;
  yield endRecord(directory.length, central.length, offset);
}

function tooLarge(what: string, most: number): VesaliusError {
  return new VesaliusError('LIMIT_EXCEEDED', { what, expected: `at most ${most}` });
}

function localHeader(name: Buffer): Buffer {
  const head = Buffer.alloc(SIZES.local);
  head.writeUInt32LE(LOCAL, 0);
  head.writeUInt16LE(VERSION, 4);
  head.writeUInt16LE(FLAGS, 6);
  head.writeUInt16LE(DATE, 12);
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, name]);
}

function descriptor(crc: number, size: number): Buffer {
  const bytes = Buffer.alloc(SIZES.descriptor);
  for (const [i, value] of [DESCRIPTOR, crc, size, size].entries()) bytes.writeUInt32LE(value, 4 * i);
  return bytes;
}

interface Entry {
  readonly name: Buffer;
  readonly crc: number;
  readonly size: number;
  readonly offset: number;
}

function centralHeader({ name, crc, size, offset }: Entry): Buffer {
  const head = Buffer.alloc(SIZES.central);
  head.writeUInt32LE(CENTRAL, 0);
  head.writeUInt16LE(VERSION, 4);
  head.writeUInt16LE(VERSION, 6);
  head.writeUInt16LE(FLAGS, 8);
  head.writeUInt16LE(DATE, 14);
  for (const [i, value] of [crc, size, size].entries()) head.writeUInt32LE(value, 16 + 4 * i);
  head.writeUInt16LE(name.length, 28);
  head.writeUInt32LE(offset, 42);
  return Buffer.concat([head, name]);
}

function endRecord(count: number, size: number, offset: number): Buffer {
  const bytes = Buffer.alloc(SIZES.end);
  bytes.writeUInt32LE(END, 0);
  bytes.writeUInt16LE(count, 8);
  bytes.writeUInt16LE(count, 10);
  bytes.writeUInt32LE(size, 12);
  bytes.writeUInt32LE(offset, 16);
  return bytes;
}

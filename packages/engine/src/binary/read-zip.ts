import type { VesaliusError } from '@vesalius/errors';
import { inflateRaw } from './compression.ts';
import { crc32 } from './crc.ts';
import { fileError } from './file-error.ts';

/** One file of a zip archive; its bytes are read when asked for. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes of the content. */
  readonly size: number;
  /**
   * The content: a view where it is stored, new bytes where it is deflated.
   * @throws FILE_TRUNCATED, FILE_FORMAT when damaged, FILE_UNSUPPORTED for other methods and encryption
   */
  readonly read: () => Promise<Uint8Array>;
}

const END_OF_DIRECTORY = 0x06054b50;
const END_SIZE = 22;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_END = 0x06064b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const ZIP64_EXTRA = 1;
const NOT_HERE = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;

/**
 * Lists a zip archive's files in the order of its directory; zip64 included.
 *
 * @throws FILE_TRUNCATED when the directory at the end is missing, FILE_FORMAT when it is damaged
 * @source PKWARE APPNOTE 6.3.10, 4.3
 */
export function readZip(bytes: Uint8Array, file?: string): ZipEntry[] {
  return new ZipReader(bytes, file).entries();
}

interface Location {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  readonly size: number;
  readonly compressedSize: number;
  readonly headerAt: number;
}

class ZipReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string | undefined;

  constructor(bytes: Uint8Array, file: string | undefined) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
  }

  entries(): ZipEntry[] {
    const { count, start } = this.#directory();
    const entries: ZipEntry[] = [];
    let at = start;
    for (let i = 0; i < count; i++) {
      if (this.#u32(at) !== DIRECTORY_ENTRY) throw this.#damaged('signature of a directory entry');
      const nameLength = this.#u16(at + 28);
      const extraLength = this.#u16(at + 30);
      const location = this.#location(at, nameLength, extraLength);
      entries.push({ name: location.name, size: location.size, read: () => this.#content(location) });
      at += 46 + nameLength + extraLength + this.#u16(at + 32);
    }
    return entries;
  }

  #directory(): { count: number; start: number } {
    const end = this.#endOfDirectory();
    const locator = end - 20;
    if (locator < 0 || this.#u32(locator) !== ZIP64_LOCATOR) {
      return { count: this.#u16(end + 10), start: this.#u32(end + 16) };
    }
    const end64 = this.#u64(locator + 8);
    if (this.#u32(end64) !== ZIP64_END) throw this.#damaged('zip64 end of directory');
    return { count: this.#u64(end64 + 32), start: this.#u64(end64 + 48) };
  }

  /** The last record, behind which only a comment of at most 65,535 bytes may stand. */
  #endOfDirectory(): number {
    const first = Math.max(0, this.#bytes.length - END_SIZE - 0xffff);
    for (let at = this.#bytes.length - END_SIZE; at >= first; at--) {
      if (this.#u32(at) === END_OF_DIRECTORY && at + END_SIZE + this.#u16(at + 20) <= this.#bytes.length) return at;
    }
    throw this.#error('FILE_TRUNCATED', 'end of the zip directory', 'nothing');
  }

  #location(at: number, nameLength: number, extraLength: number): Location {
    const wide = this.#wideFields(at + 46 + nameLength, extraLength);
    const field = (value: number) => (value === NOT_HERE ? (wide.shift() ?? value) : value);
    const size = field(this.#u32(at + 24));
    const compressedSize = field(this.#u32(at + 20));
    const headerAt = field(this.#u32(at + 42));
    return {
      name: new TextDecoder().decode(this.#slice(at + 46, nameLength)),
      encrypted: (this.#u16(at + 8) & 1) === 1,
      method: this.#u16(at + 10),
      crc: this.#u32(at + 16),
      size,
      compressedSize,
      headerAt,
    };
  }

  /** The 64-bit values of the zip64 extra field, in the order in which fields refer to it. */
  #wideFields(start: number, length: number): number[] {
    for (let at = start; at + 4 <= start + length; ) {
      const size = this.#u16(at + 2);
      if (this.#u16(at) === ZIP64_EXTRA) {
        return Array.from({ length: Math.floor(size / 8) }, (_, i) => this.#u64(at + 4 + 8 * i));
      }
      at += 4 + size;
    }
    return [];
  }

  async #content(location: Location): Promise<Uint8Array> {
    const { headerAt, method, size, compressedSize, name } = location;
    const what = `zip entry ${name}`;
    if (location.encrypted) throw this.#error('FILE_UNSUPPORTED', what, 'encrypted');
    if (this.#u32(headerAt) !== LOCAL_HEADER) throw this.#damaged(`header of ${what}`);
    const start = headerAt + 30 + this.#u16(headerAt + 26) + this.#u16(headerAt + 28);
    const packed = this.#slice(start, compressedSize);
    if (method !== STORED && method !== DEFLATED) throw this.#error('FILE_UNSUPPORTED', what, `method ${method}`);
    const content = method === STORED ? packed : await inflateRaw(packed, size, this.#file);
    if (content.length !== size) throw this.#damaged(`size of ${what}`);
    if (crc32(content) !== location.crc) throw this.#damaged(`CRC-32 of ${what}`);
    return content;
  }

  #slice(start: number, length: number): Uint8Array {
    if (start + length > this.#bytes.length) throw this.#outside(start + length);
    return this.#bytes.subarray(start, start + length);
  }

  #u16(at: number): number {
    if (!(at >= 0 && at + 2 <= this.#bytes.length)) throw this.#outside(at + 2);
    return this.#view.getUint16(at, true);
  }

  #u32(at: number): number {
    if (!(at >= 0 && at + 4 <= this.#bytes.length)) throw this.#outside(at + 4);
    return this.#view.getUint32(at, true);
  }

  #u64(at: number): number {
    return this.#u32(at) + this.#u32(at + 4) * 2 ** 32;
  }

  #outside(needed: number): VesaliusError {
    return this.#error('FILE_TRUNCATED', 'zip archive', `${this.#bytes.length} bytes`, `at least ${needed} bytes`);
  }

  #damaged(what: string): VesaliusError {
    return this.#error('FILE_FORMAT', what, 'damaged data');
  }

  #error(code: 'FILE_FORMAT' | 'FILE_TRUNCATED' | 'FILE_UNSUPPORTED', what: string, got: string, expected?: string) {
    return fileError(code, { what, got, expected }, this.#file);
  }
}

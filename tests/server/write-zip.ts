import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the zip says of the size, where that is a lie. */
  readonly claimedBytes?: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const DEFLATE = 8;

/** A zip of these files. @source PKWARE APPNOTE 4.3 */
export function writeZip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const packed = deflateRawSync(entry.bytes);
    const common = Buffer.concat([numbers(2, VERSION, 0, DEFLATE, 0, 0), described(entry, packed.length)]);
    const name = Buffer.from(entry.name);
    const local = Buffer.concat([numbers(4, LOCAL), common, name, packed]);
    directory.push(
      Buffer.concat([numbers(4, CENTRAL), numbers(2, VERSION), common, Buffer.alloc(10), numbers(4, offset), name]),
    );
    files.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = [numbers(4, END), numbers(2, 0, 0, entries.length, entries.length), numbers(4, central.length, offset)];
  return Buffer.concat([...files, central, ...end, numbers(2, 0)]);
}

/** Checksum, sizes and lengths of name and extra field. */
function described({ name, bytes, claimedBytes = bytes.length }: ZipEntry, packed: number): Buffer {
  return Buffer.concat([numbers(4, crc32(bytes), packed, claimedBytes), numbers(2, Buffer.byteLength(name), 0)]);
}

function numbers(size: 2 | 4, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(size * values.length);
  values.forEach((value, i) => {
    bytes.writeUIntLE(value, i * size, size);
  });
  return bytes;
}

/** A zip of a folder, which it holds by its name. */
export async function zipFolder(folder: string): Promise<Buffer> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const entries = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return { name: join(basename(folder), relative(folder, path)), bytes: await readFile(path) };
  });
  return writeZip(await Promise.all(entries));
}

import { crc32 } from 'node:zlib';

interface ZipFile {
  readonly name: string;
  /** As it stands in the zip. */
  readonly deflated: Buffer;
  /** What the zip says it becomes, in bytes. */
  readonly claims: number;
  /** Of what it becomes; wrong without. */
  readonly content?: Buffer;
}

/** A zip as an attacker writes it: names and sizes as told, all entries on the first one's bytes where they overlap. */
export function zipOf(files: readonly ZipFile[], { overlapping = false } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [i, file] of files.entries()) {
    const at = overlapping ? 0 : offset;
    if (!overlapping || i === 0) {
      const local = Buffer.concat([header(0x04034b50, file), Buffer.from(file.name), file.deflated]);
      parts.push(local);
      offset += local.length;
    }
    directory.push(centralHeader(file, at), Buffer.from(file.name));
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([...parts, central, endOf(files.length, central.length, offset)]);
}

function header(signature: number, { name, deflated, claims, content }: ZipFile): Buffer {
  const bytes = Buffer.alloc(30);
  bytes.writeUInt32LE(signature, 0);
  bytes.writeUInt16LE(20, 4);
  bytes.writeUInt16LE(8, 8);
  bytes.writeUInt32LE(content ? crc32(content) : 0, 14);
  bytes.writeUInt32LE(deflated.length, 18);
  bytes.writeUInt32LE(claims, 22);
  bytes.writeUInt16LE(Buffer.byteLength(name), 26);
  return bytes;
}

function centralHeader(file: ZipFile, at: number): Buffer {
  const local = header(0x02014b50, file);
  const bytes = Buffer.alloc(46);
  local.copy(bytes, 0, 0, 4);
  bytes.writeUInt16LE(20, 4);
  local.copy(bytes, 6, 4, 30);
  bytes.writeUInt32LE(at, 42);
  return bytes;
}

function endOf(count: number, size: number, offset: number): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.writeUInt32LE(0x06054b50, 0);
  bytes.writeUInt16LE(Math.min(count, 0xffff), 8);
  bytes.writeUInt16LE(Math.min(count, 0xffff), 10);
  bytes.writeUInt32LE(size, 12);
  bytes.writeUInt32LE(offset, 16);
  return bytes;
}

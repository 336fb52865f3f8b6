import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

interface ManifestRow {
  readonly dicom: boolean;
  readonly ts?: string;
}

const folder = process.env.VESALIUS_DATA ?? '';

/** The DICOM files of VESALIUS_DATA by name, and with `dicom` false the other files that lie among them. */
export function dicomFiles(dicom = true): Map<string, Uint8Array> {
  const manifest = JSON.parse(readFileSync(join(folder, 'dicom_files.manifest.json'), 'utf8')) as Record<
    string,
    ManifestRow
  >;
  const files = unzip(readFileSync(join(folder, 'dicom_files.zip')));
  return new Map([...files].filter(([name]) => manifest[name]?.dicom === dicom));
}

/** The files of a zip archive, by its central directory. */
function unzip(archive: Buffer): Map<string, Uint8Array> {
  const end = archive.lastIndexOf('PK\u0005\u0006');
  const files = new Map<string, Uint8Array>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const packed = archive.subarray(start, start + archive.readUInt32LE(at + 20));
    const bytes = archive.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed);
    if (!name.endsWith('/')) files.set(name, new Uint8Array(bytes));
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

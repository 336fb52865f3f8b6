import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { VesaliusError } from '@vesalius/errors';
import yauzl from 'yauzl';

const MOST_FILES = 2000;
/** Weights hardly shrink; graphs and texts do. */
const MOST_GROWTH = 100;
const NAME = /^(?:[\w][\w .,()+-]*\/)*[\w][\w .,()+-]*$/;
const LONGEST_NAME = 200;

/**
 * Unpacks a zip that holds a bundle, at its root or in one folder. Every name is checked before it becomes a path, every size before it
 * takes room.
 *
 * @returns the bundle's folder
 * @throws FILE_FORMAT when it is no zip or holds no bundle, LIMIT_EXCEEDED
 */
export async function unzipBundle(file: string, to: string, most: { readonly bytes: number }): Promise<string> {
  const zip = await opened(file);
  const names: string[] = [];
  try {
    let bytes = 0;
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      bytes += entry.uncompressedSize;
      assertHarmless(entry, names.push(entry.fileName), Math.min(most.bytes, MOST_GROWTH * zip.fileSize), bytes);
      const path = join(to, entry.fileName);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { flags: 'wx' }));
    }
  } catch (cause) {
    throw cause instanceof VesaliusError ? cause : notAZip(cause);
  } finally {
    zip.close();
  }
  return join(to, folderOf(names));
}

function assertHarmless(entry: yauzl.Entry, files: number, most: number, bytes: number): void {
  const { fileName } = entry;
  if (!NAME.test(fileName) || fileName.length > LONGEST_NAME)
    throw new VesaliusError('FILE_FORMAT', { what: 'name of a file in the zip', expected: 'letters, digits, . _ -' });
  if (entry.isEncrypted() || !entry.canDecodeFileData())
    throw new VesaliusError('FILE_UNSUPPORTED', { what: 'a file of the zip is encrypted or packed in another way' });
  if (files > MOST_FILES)
    throw new VesaliusError('LIMIT_EXCEEDED', { what: 'files in the zip', got: files, expected: MOST_FILES });
  if (bytes > most)
    throw new VesaliusError('LIMIT_EXCEEDED', { what: 'bytes that come out of the zip', got: bytes, expected: most });
}

function folderOf(names: readonly string[]): string {
  const manifest = names.filter((name) => /^(?:[^/]+\/)?manifest\.json$/.test(name));
  if (manifest.length === 1) return dirname(manifest[0] as string);
  throw new VesaliusError('FILE_FORMAT', { what: 'zip', got: 'no manifest.json', expected: 'a model bundle' });
}

async function opened(file: string): Promise<yauzl.ZipFile> {
  try {
    return await yauzl.openPromise(file, { lazyEntries: true, autoClose: false });
  } catch (cause) {
    throw notAZip(cause);
  }
}

function notAZip(cause: unknown): VesaliusError {
  return new VesaliusError('FILE_FORMAT', {
    what: 'not a zip, or a damaged one',
    expected: 'a zip of a bundle',
    cause,
  });
}

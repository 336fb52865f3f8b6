import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { VesaliusError } from '@vesalius/errors';
import yauzl from 'yauzl';
import type { Settings } from '../settings.ts';
import { isVolumeFile } from '../store/instances-of-volume.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { isIndex } from './folder-candidates.ts';
import type { Candidate } from './import-candidates.ts';
import { volumeCandidates } from './volume-candidates.ts';

const MOST_ENTRIES = 200_000;
/** Medical images seldom shrink to a tenth; empty ones may, so some space is free of it. */
const MOST_GROWTH = 100;
const FREE_BYTES = 256 << 20;
const CHUNK_BYTES = 1 << 20;
const OPTIONS = { lazyEntries: true, autoClose: false };

interface OpenZip {
  readonly zip: yauzl.ZipFile;
  readonly size: number;
}

/** @throws FILE_FORMAT when it is no zip */
export async function openZipFile(path: string): Promise<OpenZip> {
  return { zip: await opened(yauzl.openPromise(path, OPTIONS)), size: (await stat(path)).size };
}

/** A zip that lies in the object store. @throws FILE_FORMAT when it is no zip */
export async function openZipObject(objects: ObjectStore, key: string): Promise<OpenZip> {
  const size = await objects.size(key);
  const reader = new ObjectReader(objects, key);
  return { zip: await opened(yauzl.fromRandomAccessReaderPromise(reader, size, OPTIONS)), size };
}

async function opened(zip: Promise<yauzl.ZipFile>): Promise<yauzl.ZipFile> {
  try {
    return await zip;
  } catch (cause) {
    throw broken(cause);
  }
}

/**
 * The files of a zip, which is closed at the end. Names are only told, never used as paths; what would come out is counted before it
 * does.
 *
 * @throws FILE_FORMAT when it is damaged, LIMIT_EXCEEDED when it is one that would fill the disk
 */
export async function* zipCandidates({ zip, size }: OpenZip, limits: Limits): AsyncGenerator<Candidate> {
  try {
    let bytes = 0;
    let entries = 0;
    for await (const entry of zip.eachEntry()) {
      bytes += entry.uncompressedSize;
      refuseBomb({ entries: ++entries, bytes, size }, limits);
      if (entry.fileName.endsWith('/') || isIndex(entry.fileName)) continue;
      if (isVolumeFile(entry.fileName))
        yield* volumeCandidates(entry.fileName, async () => buffer(await contentOf(zip, entry, limits)));
      else yield { name: entry.fileName, open: () => contentOf(zip, entry, limits) };
    }
  } catch (cause) {
    throw cause instanceof VesaliusError ? cause : broken(cause);
  } finally {
    zip.close();
  }
}

function broken(cause: unknown): VesaliusError {
  const outside = cause instanceof Error && /^(invalid relative|absolute) path/.test(cause.message);
  const what = outside ? 'a zip with a file whose name leads out of it' : 'not a zip, or a damaged one';
  return new VesaliusError('FILE_FORMAT', { what, cause });
}

function refuseBomb({ entries, bytes, size }: { entries: number; bytes: number; size: number }, limits: Limits): void {
  if (entries > MOST_ENTRIES)
    throw new VesaliusError('LIMIT_EXCEEDED', { what: 'files in a zip', got: entries, expected: MOST_ENTRIES });
  const most = Math.min(limits.requestBytes, FREE_BYTES + MOST_GROWTH * size);
  if (bytes > most)
    throw new VesaliusError('LIMIT_EXCEEDED', {
      what: 'bytes that would come out of a zip',
      got: bytes,
      expected: most,
    });
}

type Limits = Settings['limits'];

async function contentOf(zip: yauzl.ZipFile, entry: yauzl.Entry, { instanceBytes }: Limits): Promise<Readable> {
  if (entry.isEncrypted() || !entry.canDecodeFileData())
    throw new VesaliusError('FILE_UNSUPPORTED', { what: 'a file of a zip is encrypted or packed in another way' });
  if (entry.uncompressedSize > instanceBytes)
    throw new VesaliusError('LIMIT_EXCEEDED', { what: 'size of a file in a zip', got: entry.uncompressedSize });
  return await zip.openReadStreamPromise(entry);
}

class ObjectReader extends yauzl.RandomAccessReader {
  readonly #objects: ObjectStore;
  readonly #key: string;

  constructor(objects: ObjectStore, key: string) {
    super();
    this.#objects = objects;
    this.#key = key;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(chunksOf(this.#objects, this.#key, { start, end }));
  }
}

async function* chunksOf(objects: ObjectStore, key: string, { start, end }: { start: number; end: number }) {
  for (let at = start; at < end; at += CHUNK_BYTES)
    yield await objects.read(key, { start: at, end: Math.min(at + CHUNK_BYTES, end) });
}

import { VesaliusError } from '@vesalius/errors';
import type { TagName } from '../dictionary/tags.ts';
import { tagOf } from '../dictionary/tags.ts';
import { isVr, ruleOf } from '../dictionary/vr.ts';
import type { Encoding } from './encoding.ts';
import { readFileHead } from './file-head.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { parseDataSet } from './parse-data-set.ts';
import { type DicomFile, namingFile, type ReadOptions, readDicom } from './read-dicom.ts';

/** A file of which parts can be read: a `Blob`, or `openAsBlob(path)` of Node. */
export interface RandomAccess {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** Where the value of an element lies that was not read. */
export interface ValuePlace {
  readonly tag: number;
  /** Of the value, in the file. */
  readonly offset: number;
  /** Missing for encapsulated pixel data, whose end has to be found. */
  readonly length?: number;
}

/** A file without its pixels. */
export interface DicomHeader extends Omit<DicomFile, 'origin'> {
  /** Where the first element that was left out has its value; missing when the file ended first. */
  readonly next?: ValuePlace;
}

export interface ReadHeaderOptions extends ReadOptions {
  /** The first element to leave out; pixel data of any kind without it. */
  readonly before?: TagName;
}

/** FloatPixelData, DoubleFloatPixelData, PixelData. */
const PIXEL_TAG = 0x7fe00008;
const FIRST_READ = 1 << 16;

/**
 * Reads what stands before the pixel data, and no more of the file than that needs; a deflated file is read whole.
 *
 * @throws as `readDicom`
 */
export function readDicomHeader(source: RandomAccess, options: ReadHeaderOptions = {}): Promise<DicomHeader> {
  return namingFile(options.file, async () => {
    for (let length = FIRST_READ; ; length *= 4) {
      const bytes = await readRange(source, 0, Math.min(length, source.size));
      const header = attempt(bytes, bytes.length < source.size, options);
      if (header === 'deflated') return wholeHeader(source, options);
      if (header !== 'more') return header;
    }
  });
}

/** The bytes from `start` to `end`, less where the file is shorter. */
export async function readRange(source: RandomAccess, start: number, end: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await source.slice(start, end).arrayBuffer());
  } catch (cause) {
    throw new VesaliusError('FILE_UNREADABLE', { what: `bytes from ${start}`, cause });
  }
}

async function wholeHeader(source: RandomAccess, options: ReadHeaderOptions): Promise<DicomHeader> {
  const { origin: _, ...file } = await readDicom(await readRange(source, 0, source.size), options);
  return file;
}

function attempt(bytes: Uint8Array, partial: boolean, options: ReadHeaderOptions): DicomHeader | 'more' | 'deflated' {
  try {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { dataStart, ...head } = readFileHead(bytes, { limits, partial });
    const { deflated, encoding } = head.transferSyntax;
    if (deflated) return 'deflated';
    const first = tagOf(options.before ?? PIXEL_TAG);
    const parsed = parseDataSet(bytes.subarray(dataStart), {
      encoding,
      limits,
      partial,
      offset: dataStart,
      stopBefore: (tag) => tag >= first,
    });
    const next = placeAt(bytes, dataStart + parsed.end, encoding, partial);
    return {
      ...head,
      dataSet: parsed.dataSet,
      warnings: [...head.warnings, ...parsed.warnings],
      ...(next ? { next } : {}),
    };
  } catch (error) {
    if (partial && error instanceof VesaliusError && error.code === 'FILE_TRUNCATED') return 'more';
    throw error;
  }
}

function placeAt(
  bytes: Uint8Array,
  at: number,
  { explicit, littleEndian }: Encoding,
  partial: boolean,
): ValuePlace | undefined {
  if (at + 12 > bytes.length) {
    if (partial) throw new VesaliusError('FILE_TRUNCATED', { what: 'header of an element' });
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 12);
  const tag = view.getUint16(0, littleEndian) * 0x10000 + view.getUint16(2, littleEndian);
  const letters = String.fromCharCode(view.getUint8(4), view.getUint8(5));
  const headed = explicit && isVr(letters) ? (ruleOf(letters).long ? 12 : 8) : 8;
  const short = headed === 8 && explicit && isVr(letters);
  const length = short ? view.getUint16(6, littleEndian) : view.getUint32(headed - 4, littleEndian);
  return { tag, offset: at + headed, ...(length === 0xffffffff ? {} : { length }) };
}

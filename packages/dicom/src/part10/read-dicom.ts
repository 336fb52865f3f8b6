import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import { inflate } from './deflate.ts';
import type { TransferSyntax } from './encoding.ts';
import { readFileHead } from './file-head.ts';
import { DEFAULT_LIMITS, type Limits, mostInflated, type Warning } from './limits.ts';
import { parseDataSet } from './parse-data-set.ts';

/** A DICOM file. Never changed: `{ ...file, dataSet: dataSet.with(...) }` is the next one. */
export interface DicomFile {
  readonly preamble?: Uint8Array;
  /** File meta information, group 2. */
  readonly meta: DataSet;
  readonly dataSet: DataSet;
  /** As stated, with the encoding that was found where a file breaks its word. */
  readonly transferSyntax: TransferSyntax;
  readonly warnings: readonly Warning[];
  /** What the file was read from, written again when nothing of it was replaced. */
  readonly origin?: { readonly bytes: Uint8Array; readonly meta: DataSet; readonly dataSet: DataSet };
}

export interface ReadOptions {
  readonly limits?: Partial<Limits>;
  /** The file's name, for messages. */
  readonly file?: string;
}

/**
 * Reads a file in any transfer syntax, with or without preamble and meta information. Values are views of `bytes`.
 *
 * @throws FILE_FORMAT when it is no DICOM file or its deflated data are damaged, LIMIT_EXCEEDED for a hostile file
 */
export function readDicom(bytes: Uint8Array, options: ReadOptions = {}): Promise<DicomFile> {
  return namingFile(options.file, async () => {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { dataStart, ...head } = readFileHead(bytes, { limits });
    const { deflated, encoding } = head.transferSyntax;
    const stored = bytes.subarray(dataStart);
    const data = deflated ? await inflate(stored, mostInflated(stored.length, limits)) : { bytes: stored, whole: true };
    const parsed = parseDataSet(data.bytes, { encoding, limits, offset: deflated ? 0 : dataStart });
    const broken = data.whole ? [] : [{ offset: dataStart, what: 'deflated data end early' }];
    return {
      ...head,
      dataSet: parsed.dataSet,
      warnings: [...head.warnings, ...broken, ...parsed.warnings],
      origin: { bytes, meta: head.meta, dataSet: parsed.dataSet },
    };
  });
}

/** Adds the file's name to the errors of a step that does not know it. */
export async function namingFile<T>(file: string | undefined, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof VesaliusError) || file === undefined || error.details.file !== undefined) throw error;
    throw new VesaliusError(error.code, { ...error.details, file });
  }
}

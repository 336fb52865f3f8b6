import { VesaliusError } from '@vesalius/errors';
import { DataSet } from '../data-set/data-set.ts';
import { deflate, joinBytes } from './deflate.ts';
import { encodeDataSet } from './encode-data-set.ts';
import { type TransferSyntax, transferSyntaxOf } from './encoding.ts';
import { encodeFileMeta } from './file-meta.ts';
import type { DicomFile } from './read-dicom.ts';

export interface WriteOptions {
  /** Another transfer syntax to write in; pixel data must already be as it wants them. */
  readonly transferSyntax?: string;
}

/**
 * Writes a file: preamble, meta information and data set. What was read and not replaced is given back byte for byte.
 *
 * @throws VALUE_INVALID for what the transfer syntax cannot hold
 */
export async function writeDicom(file: DicomFile, options: WriteOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const syntax = options.transferSyntax === undefined ? file.transferSyntax : transferSyntaxOf(options.transferSyntax);
  const { origin } = file;
  if (origin?.meta === file.meta && origin.dataSet === file.dataSet && syntax.uid === file.transferSyntax.uid) {
    return new Uint8Array(origin.bytes);
  }
  assertPixels(file.dataSet, syntax);
  const encoded = encodeDataSet(file.dataSet, transferSyntaxOf(syntax.uid).encoding);
  const data = syntax.deflated ? await deflate(encoded) : encoded;
  return joinBytes([fileMeta(file, syntax.uid), data]);
}

/**
 * A file around a data set.
 *
 * @param transferSyntax - a UID; explicit little endian without it
 */
export function createDicomFile(dataSet: DataSet, transferSyntax = '1.2.840.10008.1.2.1'): DicomFile {
  return { meta: new DataSet([]), dataSet, transferSyntax: transferSyntaxOf(transferSyntax), warnings: [] };
}

function assertPixels(dataSet: DataSet, { encapsulated, name }: TransferSyntax): void {
  const pixels = dataSet.get('PixelData');
  if (pixels === undefined || (pixels.kind === 'fragments') === encapsulated) return;
  const got = encapsulated ? 'native pixel data' : 'encapsulated pixel data';
  throw new VesaliusError('VALUE_INVALID', { what: `pixel data for ${name}`, got });
}

function fileMeta({ meta, dataSet, preamble }: DicomFile, transferSyntaxUid: string): Uint8Array {
  const sopClassUid = dataSet.string('SOPClassUID') ?? meta.string('MediaStorageSOPClassUID') ?? '';
  const sopInstanceUid = dataSet.string('SOPInstanceUID') ?? meta.string('MediaStorageSOPInstanceUID') ?? '';
  return encodeFileMeta({
    sopClassUid,
    sopInstanceUid,
    transferSyntaxUid,
    kept: meta,
    ...(preamble ? { preamble } : {}),
  });
}

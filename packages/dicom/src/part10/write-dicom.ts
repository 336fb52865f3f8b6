import { VesaliusError } from '@vesalius/errors';
import { DataSet } from '../data-set/data-set.ts';
import { createElement } from '../values/create-element.ts';
import { deflate, joinBytes } from './deflate.ts';
import { encodeDataSet } from './encode-data-set.ts';
import { EXPLICIT_LITTLE, type TransferSyntax, transferSyntaxOf } from './encoding.ts';
import type { DicomFile } from './read-dicom.ts';

export interface WriteOptions {
  /** Another transfer syntax to write in; pixel data must already be as it wants them. */
  readonly transferSyntax?: string;
}

/** Names the writer in files: PS3.7 D.3.3.2. The root is of the kind anyone may derive from a UUID: PS3.5 B.2. */
const IMPLEMENTATION = { uid: '2.25.212863174290634189105734905238109421', version: 'VESALIUS_1' };
const PREFIX = new TextEncoder().encode('DICM');

/**
 * Writes a file: preamble, meta information and data set. What was read and not replaced is given back byte for byte.
 *
 * @throws VALUE_INVALID for what the transfer syntax cannot hold
 */
export async function writeDicom(file: DicomFile, options: WriteOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const syntax = options.transferSyntax === undefined ? file.transferSyntax : transferSyntaxOf(options.transferSyntax);
  const { origin } = file;
  if (origin?.meta === file.meta && origin.dataSet === file.dataSet && syntax.uid === file.transferSyntax.uid) {
    return origin.bytes.slice();
  }
  assertPixels(file.dataSet, syntax);
  const encoded = encodeDataSet(file.dataSet, transferSyntaxOf(syntax.uid).encoding);
  const data = syntax.deflated ? await deflate(encoded) : encoded;
  return joinBytes([file.preamble ?? new Uint8Array(128), PREFIX, encodeMeta(file, syntax), data]);
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

/** PS3.10 7.1: always explicit little endian, led by its own length. */
function encodeMeta({ meta, dataSet }: DicomFile, { uid }: TransferSyntax): Uint8Array {
  const text = (name: 'SOPClassUID' | 'SOPInstanceUID'): string => dataSet.string(name) ?? '';
  // What a file says of itself is kept, even where it is against the rules.
  const own = { check: false };
  const required = new DataSet([
    createElement('FileMetaInformationVersion', Uint8Array.of(0, 1)),
    createElement(
      'MediaStorageSOPClassUID',
      text('SOPClassUID') || (meta.string('MediaStorageSOPClassUID') ?? ''),
      own,
    ),
    createElement(
      'MediaStorageSOPInstanceUID',
      text('SOPInstanceUID') || (meta.string('MediaStorageSOPInstanceUID') ?? ''),
      own,
    ),
    createElement('TransferSyntaxUID', uid, own),
    createElement('ImplementationClassUID', IMPLEMENTATION.uid),
    createElement('ImplementationVersionName', IMPLEMENTATION.version),
  ]);
  const kept = [...meta].filter((element) => !required.has(element.tag));
  const body = encodeDataSet(required.with(...kept), EXPLICIT_LITTLE);
  return joinBytes([groupLength(body.length), body]);
}

/** (0002,0000), which `encodeDataSet` leaves out as it does every group length. */
function groupLength(length: number): Uint8Array {
  const bytes = Uint8Array.of(2, 0, 0, 0, 0x55, 0x4c, 4, 0, 0, 0, 0, 0);
  new DataView(bytes.buffer).setUint32(8, length, true);
  return bytes;
}

import { constants, deflateRawSync } from 'node:zlib';
import {
  createDataSet,
  createDicomFile,
  createUid,
  type DataSetRecord,
  encodeFileMeta,
  writeDicom,
} from '@vesalius/dicom';

const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';

export interface Scan {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A small grey picture of a patient whose name must never be logged. */
export async function scan(more: DataSetRecord = {}): Promise<Scan> {
  const [study, series, instance] = [createUid(), createUid(), createUid()];
  const dataSet = createDataSet({
    SOPClassUID: SECONDARY_CAPTURE,
    SOPInstanceUID: instance,
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
    PatientName: PLANTED_NAME,
    PatientID: PLANTED_ID,
    Modality: 'OT',
    Rows: 2,
    Columns: 2,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
    PixelData: new Uint8Array(4),
    ...more,
  });
  return { study, series, instance, bytes: new Uint8Array(await writeDicom(createDicomFile(dataSet))) };
}

/** Planted in every scan of the attacks; the log is searched for them at the end. */
export const PLANTED_NAME = 'Quirrelmann^Zephyrine';
export const PLANTED_ID = 'PLANTED-ID-77';

/** A deflated data set that becomes `mebibytes` when it is inflated: one piece of zeros, said again and again. */
export async function deflatedBomb(mebibytes: number): Promise<Scan> {
  const plain = await scan();
  const meta = encodeFileMeta({
    sopClassUid: SECONDARY_CAPTURE,
    sopInstanceUid: plain.instance,
    transferSyntaxUid: DEFLATED,
  });
  // The elements behind the file meta, then a private element of zeros.
  const head = plain.bytes.subarray(metaLength(plain.bytes));
  const element = Buffer.from([0xe1, 0x7f, 0x10, 0x10, 0x4f, 0x42, 0, 0, 0, 0, 0, 0]);
  element.writeUInt32LE(mebibytes * MEBIBYTE, 8);
  const piece = deflated(Buffer.alloc(MEBIBYTE));
  const pieces = new Array<Buffer>(mebibytes).fill(piece);
  const bytes = Buffer.concat([meta, deflated(Buffer.concat([head, element])), ...pieces, LAST_BLOCK]);
  return { ...plain, bytes: new Uint8Array(bytes) };
}

const MEBIBYTE = 1 << 20;
/** An empty block that ends a deflate stream. */
const LAST_BLOCK = Buffer.from([3, 0]);

/** Blocks that end on a whole byte and refer to nothing before them. */
function deflated(bytes: Uint8Array): Buffer {
  return deflateRawSync(bytes, { level: 9, finishFlush: constants.Z_FULL_FLUSH });
}

/** A JPEG of 300 bytes that claims 65,500 by 65,500 pixels, as its data set does. */
export async function hugeJpeg(): Promise<Scan> {
  const plain = await scan({ Rows: 65_500, Columns: 65_500, PixelData: undefined });
  const meta = encodeFileMeta({
    sopClassUid: SECONDARY_CAPTURE,
    sopInstanceUid: plain.instance,
    transferSyntaxUid: JPEG_BASELINE,
  });
  const head = plain.bytes.subarray(metaLength(plain.bytes));
  const side = [0xff, 0xdc];
  const jpeg = Buffer.from([
    ...[0xff, 0xd8, 0xff, 0xdb, 0, 67, 0, ...new Array<number>(64).fill(1)],
    ...[0xff, 0xc0, 0, 11, 8, ...side, ...side, 1, 1, 0x11, 0],
    ...[0xff, 0xc4, 0, 20, 0, 1, ...new Array<number>(15).fill(0), 0],
    ...[0xff, 0xc4, 0, 20, 0x10, 1, ...new Array<number>(15).fill(0), 0],
    ...[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0, 0, 0xff, 0xd9],
  ]);
  const fragment = jpeg.length % 2 === 0 ? jpeg : Buffer.concat([jpeg, Buffer.alloc(1)]);
  const pixels = Buffer.from([
    0xe0, 0x7f, 0x10, 0, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0, 0xe0,
    0, 0, 0, 0,
  ]);
  pixels.writeUInt32LE(fragment.length, 24);
  const end = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
  return { ...plain, bytes: new Uint8Array(Buffer.concat([meta, head, pixels, fragment, end])) };
}

/** Preamble, `DICM` and the group that tells its own length. */
function metaLength(bytes: Uint8Array): number {
  return 144 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(140, true);
}

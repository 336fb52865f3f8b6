import {
  createElement,
  type DataSet,
  type DicomFile,
  decodeFrame,
  type Element,
  type PixelFrame,
  pixelLayout,
  transferSyntaxOf,
  writeDicom,
} from '@vesalius/dicom';
import { assertDecodable } from './decoding-limits.ts';
import { bytesOf, compressFrame } from './make-frame.ts';

const PIXEL_DATA = 0x7fe00010;

/**
 * A file in another transfer syntax, its values the same: pixels are decoded, or compressed without loss.
 *
 * @throws FILE_UNSUPPORTED for a codec that is not there
 */
export async function transcode(file: DicomFile, uid: string): Promise<Uint8Array> {
  const target = transferSyntaxOf(uid);
  const isCompressed = file.dataSet.get(PIXEL_DATA)?.kind === 'fragments';
  if (!isCompressed && (!target.encapsulated || !file.dataSet.has(PIXEL_DATA)))
    return writeDicom(file, { transferSyntax: uid });
  const dataSet = await withPixels(file, target.encapsulated ? uid : undefined);
  return writeDicom({ ...file, dataSet }, { transferSyntax: uid });
}

/** The data set with its frames compressed as `uid`, or native without it. */
async function withPixels(file: DicomFile, uid: string | undefined): Promise<DataSet> {
  const layout = pixelLayout(file.dataSet);
  assertDecodable(layout, layout.frames);
  const frames: Uint8Array[] = [];
  let first: PixelFrame | undefined;
  let photometric = layout.photometric;
  for (let index = 0; index < layout.frames; index++) {
    const frame = await decodeFrame(file, index);
    first ??= frame;
    const made =
      uid === undefined
        ? { bytes: bytesOf(frame), photometric: frame.photometric }
        : await compressFrame(frame, layout, uid);
    frames.push(made.bytes);
    photometric = made.photometric;
  }
  const bits = (first?.samples.BYTES_PER_ELEMENT ?? 1) * 8;
  return file.dataSet
    .without('ExtendedOffsetTable', 'ExtendedOffsetTableLengths')
    .with(
      ...(layout.samplesPerPixel > 1 ? [createElement('PlanarConfiguration', 0)] : []),
      createElement('PhotometricInterpretation', photometric),
      createElement('BitsAllocated', bits),
      uid === undefined ? nativePixels(frames, bits) : fragments(frames),
    );
}

function nativePixels(frames: readonly Uint8Array[], bits: number): Element {
  const bytes = Buffer.concat(frames.length === 0 ? [] : frames);
  const even = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
  return { kind: 'value', tag: PIXEL_DATA, vr: bits > 8 ? 'OW' : 'OB', bytes: even, littleEndian: true };
}

function fragments(frames: readonly Uint8Array[]): Element {
  const offsetTable = new Uint8Array(frames.length * 4);
  const view = new DataView(offsetTable.buffer);
  let at = 0;
  const padded = frames.map((frame, i) => {
    view.setUint32(4 * i, at, true);
    const even = frame.length % 2 === 0 ? frame : Buffer.concat([frame, Buffer.alloc(1)]);
    at += 8 + even.length;
    return even;
  });
  // Offsets have 32 bits: PS3.5 A.4 lets the table be empty.
  return {
    kind: 'fragments',
    tag: PIXEL_DATA,
    vr: 'OB',
    offsetTable: at < 2 ** 32 ? offsetTable : new Uint8Array(0),
    fragments: padded,
  };
}

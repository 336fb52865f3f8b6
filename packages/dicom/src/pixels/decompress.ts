import type { DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import type { DicomFile } from '../part10/read-dicom.ts';
import { createElement } from '../values/create-element.ts';
import { decodeFrame, type PixelFrame } from './decode-frame.ts';
import { pixelLayout } from './pixel-layout.ts';

const PIXEL_DATA = 0x7fe00010;

/**
 * The data set with native pixels in place of compressed ones, and what describes them made to fit; as it is where its pixels are
 * native. Nothing is lost that the compressed pixels still had.
 *
 * @throws as `decodeFrame`
 */
export async function decompress(file: Pick<DicomFile, 'dataSet' | 'transferSyntax'>): Promise<DataSet> {
  const { dataSet } = file;
  if (dataSet.get(PIXEL_DATA)?.kind !== 'fragments') return dataSet;
  const layout = pixelLayout(dataSet);
  const frames: PixelFrame[] = [];
  for (let index = 0; index < layout.frames; index++) frames.push(await decodeFrame(file, index));
  const [first] = frames;
  if (first === undefined) return dataSet;
  const native = dataSet.without('ExtendedOffsetTable', 'ExtendedOffsetTableLengths');
  if (layout.bitsAllocated === 1) return native.with(pixelElement(packBits(frames), 1));
  const bitsAllocated = 8 * first.samples.BYTES_PER_ELEMENT;
  return native.with(
    ...(first.samplesPerPixel > 1 ? [createElement('PlanarConfiguration', 0)] : []),
    createElement('PhotometricInterpretation', first.photometric),
    createElement('BitsAllocated', bitsAllocated),
    createElement('HighBit', layout.bitsStored - 1),
    pixelElement(joinFrames(frames), bitsAllocated),
  );
}

function joinFrames(frames: readonly PixelFrame[]): Uint8Array {
  const joined = new Uint8Array(frames.reduce((length, { samples }) => length + samples.byteLength, 0));
  let at = 0;
  for (const { samples } of frames) {
    joined.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), at);
    at += samples.byteLength;
  }
  return joined;
}

/** PS3.5 8.1.1: frames of single bits follow each other without a gap, the first pixel in the lowest bit. */
function packBits(frames: readonly PixelFrame[]): Uint8Array {
  const packed = new Uint8Array(Math.ceil(frames.reduce((length, { samples }) => length + samples.length, 0) / 8));
  let at = 0;
  for (const { samples } of frames)
    for (const sample of samples) {
      if (sample !== 0) packed[at >> 3] = (packed[at >> 3] as number) | (1 << (at & 7));
      at++;
    }
  return packed;
}

function pixelElement(bytes: Uint8Array, bitsAllocated: number): Element {
  return { kind: 'value', tag: PIXEL_DATA, vr: bitsAllocated > 8 ? 'OW' : 'OB', bytes, littleEndian: true };
}

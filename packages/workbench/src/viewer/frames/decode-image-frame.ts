import {
  applyModality,
  createElement,
  type DataSet,
  decodeFrame,
  modalityTransform,
  pixelLayout,
  toRgb,
  transferSyntaxOf,
} from '@vesalius/dicom';
import type { ImageFrame } from './image-frame.ts';

const EXPLICIT_LITTLE = transferSyntaxOf('1.2.840.10008.1.2.1');

/** Turns the bytes of one uncompressed frame into values, as the server's reading of series does. @param frame - from 0 */
export async function decodeImageFrame(about: DataSet, frame: number, bytes: Uint8Array): Promise<ImageFrame> {
  const layout = pixelLayout(about);
  const { rows, columns } = layout;
  const one = about
    .without('NumberOfFrames')
    .with(
      layout.element === 'PixelData' ? pixelElement(bytes, layout.bitsAllocated) : createElement(layout.element, bytes),
    );
  const pixels = await decodeFrame({ dataSet: one, transferSyntax: EXPLICIT_LITTLE });
  if (layout.samplesPerPixel === 3 || layout.photometric === 'PALETTE COLOR') {
    // The server gives colours that a codec had subsampled or transformed as RGB.
    const rgb = toRgb(layout.photometric.startsWith('YBR') ? { ...pixels, photometric: 'RGB' } : pixels, about);
    return { rows, columns, isColor: true, values: withAlpha(rgb) };
  }
  const transform = modalityTransform(about, frame);
  const isPlain =
    transform.kind === 'rescale' && Number.isInteger(transform.slope) && Number.isInteger(transform.intercept);
  const { samples } = pixels;
  if (!isPlain || samples.BYTES_PER_ELEMENT > 2)
    return { rows, columns, isColor: false, values: Float32Array.from(applyModality(pixels, transform)) };
  const { slope, intercept } = transform;
  const [low, high] = layout.signed
    ? [-(2 ** (layout.bitsStored - 1)), 2 ** (layout.bitsStored - 1) - 1]
    : [0, 2 ** layout.bitsStored - 1];
  const ends = [low * slope + intercept, high * slope + intercept];
  const fits = Math.min(...ends) >= -32768 && Math.max(...ends) <= 32767;
  const values = fits ? new Int16Array(samples.length) : new Float32Array(samples.length);
  for (let i = 0; i < values.length; i++) values[i] = (samples[i] as number) * slope + intercept;
  return { rows, columns, isColor: false, values };
}

function pixelElement(bytes: Uint8Array, bitsAllocated: number) {
  return { kind: 'value', tag: 0x7fe00010, vr: bitsAllocated > 8 ? 'OW' : 'OB', bytes, littleEndian: true } as const;
}

function withAlpha(rgb: Uint8ClampedArray): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray((rgb.length / 3) * 4);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from] as number;
    rgba[to + 1] = rgb[from + 1] as number;
    rgba[to + 2] = rgb[from + 2] as number;
    rgba[to + 3] = 255;
  }
  return rgba;
}

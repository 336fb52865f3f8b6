import {
  applyModality,
  applyVoi,
  type DataSet,
  modalityTransform,
  type PixelFrame,
  toRgb,
  type VoiTransform,
  voiTransforms,
} from '@vesalius/dicom';
import { badRequest } from '../refusals.ts';

/** How a frame is to be seen: PS3.18 8.3.5. */
export interface View {
  /** In the units of the modality; without it the image's own first view, or from its darkest to its brightest value. */
  readonly window?: Extract<VoiTransform, { readonly center: number }>;
  readonly viewport?: Viewport;
  readonly format: 'jpeg' | 'png';
  /** 1 to 100, of JPEG. */
  readonly quality?: number;
}

/** PS3.18 8.3.5.1.3: the part of the image, in its pixels, that is scaled to fit into a width and height. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
  readonly region?: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly flipHorizontally?: boolean;
  readonly flipVertically?: boolean;
}

/** A frame as a picture that any program shows. @param index - of the frame, from 0, for what each frame states of itself */
export async function renderFrame(
  frame: PixelFrame,
  dataSet: DataSet,
  { index, view }: { index: number; view: View },
): Promise<Buffer> {
  const isGrey = frame.samplesPerPixel === 1 && frame.photometric !== 'PALETTE COLOR';
  const pixels = isGrey ? greyPixels(frame, dataSet, { index, view }) : toRgb(frame, dataSet);
  const raw = { width: frame.columns, height: frame.rows, channels: isGrey ? 1 : 3 } as const;
  // Loaded when the first picture is asked for: it takes longer than the rest of the server to start.
  const { default: sharp } = await import('sharp');
  let picture = sharp(pixels, { raw });
  const { viewport } = view;
  if (viewport?.region) picture = picture.extract(inside(viewport.region, frame));
  if (viewport) picture = picture.resize({ width: viewport.width, height: viewport.height, fit: 'inside' });
  if (viewport?.flipHorizontally) picture = picture.flop();
  if (viewport?.flipVertically) picture = picture.flip();
  if (isGrey) picture = picture.toColourspace('b-w');
  return view.format === 'png' ? picture.png().toBuffer() : picture.jpeg({ quality: view.quality ?? 90 }).toBuffer();
}

/** What of a region lies in the image. @throws 400 where nothing does */
function inside(region: NonNullable<Viewport['region']>, { rows, columns }: PixelFrame) {
  const left = Math.max(0, Math.floor(region.left));
  const top = Math.max(0, Math.floor(region.top));
  const width = Math.min(columns, Math.ceil(region.left + region.width)) - left;
  const height = Math.min(rows, Math.ceil(region.top + region.height)) - top;
  if (width > 0 && height > 0) return { left, top, width, height };
  throw badRequest('viewport', { got: 'a part outside of the image' });
}

function greyPixels(
  frame: PixelFrame,
  dataSet: DataSet,
  { index, view }: { index: number; view: View },
): Uint8ClampedArray {
  const values = applyModality(frame, modalityTransform(dataSet, index));
  const shown = applyVoi(values, view.window ?? voiTransforms(dataSet, index)[0] ?? fullRange(values));
  const inverse = dataSet.string('PresentationLUTShape') === 'INVERSE' || frame.photometric === 'MONOCHROME1';
  if (inverse) for (let i = 0; i < shown.length; i++) shown[i] = 255 - (shown[i] as number);
  return shown;
}

function fullRange(values: Float32Array | Float64Array): VoiTransform {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { kind: 'linear-exact', center: (least + most) / 2, width: Math.max(most - least, Number.MIN_VALUE) || 1 };
}

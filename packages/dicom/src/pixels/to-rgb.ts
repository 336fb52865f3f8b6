import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import type { PixelFrame } from './decode-frame.ts';
import { lookUp } from './lookup-table.ts';
import { paletteOf } from './palette.ts';

/** Samples of a pixel side by side, 0 to 255. */
type Rgb = Uint8ClampedArray<ArrayBuffer>;

/**
 * A colour frame as red, green and blue of 8 bits: PS3.3 C.7.6.3.1.2.
 *
 * @throws FILE_UNSUPPORTED for a photometric interpretation that is no colour known here
 */
export function toRgb(frame: PixelFrame, dataSet: DataSet): Rgb {
  const { photometric, samplesPerPixel } = frame;
  if (photometric === 'PALETTE COLOR' && samplesPerPixel === 1) return fromPalette(frame, dataSet);
  if (samplesPerPixel !== 3) throw unsupported(photometric);
  if (photometric === 'RGB') return scaled(frame);
  // A codec that gives YBR_ICT or YBR_RCT its name back has undone it.
  if (photometric === 'YBR_ICT' || photometric === 'YBR_RCT') return scaled(frame);
  if (photometric.startsWith('YBR_FULL')) return fromYbr(scaled(frame), { floor: 0, luma: 1, chroma: 1 });
  if (photometric.startsWith('YBR_PARTIAL'))
    return fromYbr(scaled(frame), { floor: 16, luma: 255 / 219, chroma: 255 / 224 });
  throw unsupported(photometric);
}

function unsupported(photometric: string): VesaliusError {
  return new VesaliusError('FILE_UNSUPPORTED', { what: 'photometric interpretation as a colour', got: photometric });
}

function fromPalette({ samples }: PixelFrame, dataSet: DataSet): Rgb {
  const tables = paletteOf(dataSet);
  const rgb = new Uint8ClampedArray(samples.length * 3);
  for (let i = 0; i < samples.length; i++) {
    for (let color = 0; color < 3; color++) {
      const table = tables[color] as (typeof tables)[0];
      rgb[3 * i + color] = lookUp(table, samples[i] as number) / 2 ** (table.bits - 8);
    }
  }
  return rgb;
}

/** Deeper samples lose their low bits. */
function scaled({ samples, bitsStored }: PixelFrame): Rgb {
  const scale = 255 / (2 ** bitsStored - 1);
  return Uint8ClampedArray.from(samples as ArrayLike<number>, (sample) => sample * scale);
}

interface YbrRange {
  readonly floor: number;
  readonly luma: number;
  readonly chroma: number;
}

/** ITU-R BT.601, as the standard's equations have it. */
function fromYbr(ybr: Rgb, { floor, luma, chroma }: YbrRange): Rgb {
  const rgb = new Uint8ClampedArray(ybr.length);
  for (let i = 0; i + 2 < ybr.length; i += 3) {
    const y = ((ybr[i] as number) - floor) * luma;
    const blue = ((ybr[i + 1] as number) - 128) * chroma;
    const red = ((ybr[i + 2] as number) - 128) * chroma;
    rgb[i] = y + 1.402 * red;
    rgb[i + 1] = y - 0.344136 * blue - 0.714136 * red;
    rgb[i + 2] = y + 1.772 * blue;
  }
  return rgb;
}

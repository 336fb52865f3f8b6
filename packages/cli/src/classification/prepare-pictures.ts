import { type ColourStatistics, greyStatistics, resizePlane } from '@vesalius/medical';
import type { Volume } from '@vesalius/volume';

/** Values from 0 to 255, the channels of a pixel side by side. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** @param volume - one slice, components one after the other */
export function pictureOf({ size: [width, height], components, voxels }: Volume): Picture {
  const pixels = width * height;
  const highest = voxels instanceof Uint16Array ? 257 : 1;
  const data = new Uint8Array(pixels * components);
  for (let c = 0; c < components; c++)
    for (let i = 0; i < pixels; i++) data[i * components + c] = Number(voxels[c * pixels + i]) / highest;
  return { width, height, channels: components, data };
}

export interface Preparation {
  /** Height and width of what the network sees. */
  readonly side: number;
  /** 1 for grey; 3 for colours. */
  readonly channels: 1 | 3;
  readonly colours: ColourStatistics;
}

/** Pictures as a network takes them: `[N, channels, side, side]`. The whole picture is brought to a square. */
export function preparePictures(pictures: readonly Picture[], { side, channels, colours }: Preparation): Float32Array {
  const prepared = new Float32Array(pictures.length * channels * side * side);
  for (const [n, picture] of pictures.entries())
    for (let c = 0; c < channels; c++) {
      const { mean, deviation } =
        channels === 1
          ? greyStatistics(colours)
          : { mean: colours.mean[c] as number, deviation: colours.deviation[c] as number };
      const plane = planeOf(picture, channels === 1 ? 'grey' : c).map((value) => (value / 255 - mean) / deviation);
      const from = [picture.height, picture.width] as const;
      const resized = resizePlane(plane, { from, to: [side, side], kernel: 'linear', antialias: true });
      prepared.set(resized, (n * channels + c) * side * side);
    }
  return prepared;
}

function planeOf({ width, height, channels, data }: Picture, which: number | 'grey'): Float32Array {
  const plane = new Float32Array(width * height);
  for (let i = 0; i < plane.length; i++) {
    const at = i * channels;
    const [red = 0, green = red, blue = red] = channels < 3 ? [data[at]] : data.subarray(at, at + 3);
    // Weights of ITU-R BT.601.
    plane[i] = which === 'grey' ? 0.299 * red + 0.587 * green + 0.114 * blue : ([red, green, blue][which] as number);
  }
  return plane;
}

import { type WeightMap, weightToFloat32 } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { resizePlane } from '../images/resize-plane.ts';

/** Mean and deviation of red, green and blue that a network was trained with, of values from 0 to 1. */
export interface ColourStatistics {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

export const IMAGENET_COLOURS: ColourStatistics = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};

/** What is subtracted from grey values from 0 to 1, and by what they are divided: the means over the colours. */
export function greyStatistics({ mean, deviation }: ColourStatistics): { mean: number; deviation: number } {
  const middle = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return { mean: middle(mean), deviation: middle(deviation) };
}

/**
 * A first layer without padding for grey images, that answers exactly as the one for colours does when all three are that grey, in a
 * third of the work.
 *
 * @param weight - `[out, 3, ...kernel]`
 * @returns `[out, 1, ...kernel]` for values of `greyStatistics`, and what is to be added to the bias
 */
function greyKernel(
  weight: Float32Array,
  shape: readonly number[],
  colours: ColourStatistics,
): { weight: Float32Array; shape: readonly number[]; shift: Float32Array } {
  const [out = 0, channels = 0, ...kernel] = shape;
  if (channels !== 3)
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'first layer', got: shape, expected: 'three input channels' });
  const size = kernel.reduce((product, side) => product * side, 1);
  const grey = greyStatistics(colours);
  const folded = new Float32Array(out * size);
  const shift = new Float32Array(out);
  for (let o = 0; o < out; o++)
    for (const [c, deviation] of colours.deviation.entries())
      for (let i = 0; i < size; i++) {
        const value = weight[(o * channels + c) * size + i] as number;
        folded[o * size + i] = (folded[o * size + i] as number) + (value * grey.deviation) / deviation;
        shift[o] = (shift[o] as number) + (value * (grey.mean - (colours.mean[c] as number))) / deviation;
      }
  return { weight: folded, shape: [out, 1, ...kernel], shift };
}

export interface FitTransformerOptions {
  /** Patches down and across. */
  readonly grid: readonly [number, number];
  /** 1 folds the colours into one, 3 leaves them. */
  readonly channels: 1 | 3;
  readonly colours?: ColourStatistics;
  /** Whether positions that shrink are smoothed, as timm does; DINOv2 and Hugging Face do not. */
  readonly antialias?: boolean;
}

/**
 * Weights of `visionTransformer` for images of another size or for grey ones.
 *
 * @throws DATA_MISMATCH when the positions are those of no square grid
 */
export function fitTransformer(weights: WeightMap, options: FitTransformerOptions): Map<string, Float32Array> {
  const fitted = new Map([...weights].map(([name, tensor]) => [name, weightToFloat32(tensor) as Float32Array]));
  const positions = weights.get('pos_embed');
  const patch = weights.get('patch_embed.proj.weight');
  if (positions) fitted.set('pos_embed', resizePositions(weightToFloat32(positions), positions.shape, options));
  if (patch && options.channels === 1) {
    const { weight, shift } = greyKernel(weightToFloat32(patch), patch.shape, options.colours ?? IMAGENET_COLOURS);
    fitted.set('patch_embed.proj.weight', weight);
    const bias = fitted.get('patch_embed.proj.bias') ?? new Float32Array(shift.length);
    fitted.set(
      'patch_embed.proj.bias',
      bias.map((value, i) => value + (shift[i] as number)),
    );
  }
  return fitted;
}

/** @param shape - `[1, 1 + side * side, channels]` */
function resizePositions(
  table: Float32Array,
  [, count = 0, channels = 0]: readonly number[],
  { grid, antialias = false }: FitTransformerOptions,
): Float32Array {
  const side = Math.sqrt(count - 1);
  if (!Number.isInteger(side))
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'position embeddings',
      got: count,
      expected: 'one for the class token and a square of others',
    });
  const resized = new Float32Array((1 + grid[0] * grid[1]) * channels);
  resized.set(table.subarray(0, channels));
  for (let c = 0; c < channels; c++) {
    const plane = Float32Array.from({ length: side * side }, (_, place) => table[(1 + place) * channels + c] as number);
    const same = grid[0] === side && grid[1] === side;
    const fitted = same ? plane : resizePlane(plane, { from: [side, side], to: grid, kernel: 'cubic', antialias });
    for (const [place, value] of fitted.entries()) resized[(1 + place) * channels + c] = value;
  }
  return resized;
}

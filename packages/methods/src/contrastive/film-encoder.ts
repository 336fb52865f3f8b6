import { ops as $, convolutionLayer, groupNorm, layerNorm, linear, type Scope, type Tensor } from '@vesalius/engine';
import { unitRows } from './contrastive-losses.ts';

export interface FilmEncoderOptions {
  /** Of three stages, at a half, a quarter and an eighth of the image; multiples of 8. */
  readonly channels?: readonly [number, number, number];
}

export interface FilmFeatures {
  /** One vector an image, `[B, C]`. */
  readonly pooled: Tensor;
  /** One vector a place, `[B, C', H / 4, W / 4]`. */
  readonly places: Tensor;
}

/** An image is this many times as wide as its grid of places. */
export const CELL = 4;
const GROUPS = 8;

/**
 * A small residual network for films of any size that 8 divides; no layer looks at more than one film, so that a batch may be taken in parts.
 *
 * @param x - `[B, 1, H, W]`, of mean 0 and deviation 1
 */
export function filmEncoder(
  scope: Scope,
  x: Tensor,
  { channels: [few, some, many] = [16, 32, 64] }: FilmEncoderOptions = {},
): FilmFeatures {
  const stem = $.relu(normedConvolution(scope.child('stem'), x, few, 2));
  const half = residual(scope.child('half'), stem, few, 1);
  const quarter = residual(scope.child('quarter'), half, some, 2);
  const eighth = residual(scope.child('eighth'), quarter, many, 2);
  const spread = $.resize(eighth, quarter.shape.slice(2));
  return {
    pooled: $.reshape($.globalAveragePool(eighth), eighth.shape.slice(0, 2)),
    places: $.concat([quarter, spread], 1),
  };
}

function normedConvolution(scope: Scope, x: Tensor, outChannels: number, stride: number, kernelSize = 3): Tensor {
  const padding = (kernelSize - 1) / 2;
  const y = convolutionLayer(scope.child('conv'), x, { outChannels, kernelSize, padding, stride, bias: false });
  return groupNorm(scope.child('norm'), y, GROUPS);
}

function residual(scope: Scope, x: Tensor, outChannels: number, stride: number): Tensor {
  const first = $.relu(normedConvolution(scope.child('first'), x, outChannels, stride));
  const second = normedConvolution(scope.child('second'), first, outChannels, 1);
  const same = stride === 1 && x.shape[1] === outChannels;
  return $.relu($.add(second, same ? x : normedConvolution(scope.child('shortcut'), x, outChannels, stride, 1)));
}

/** Two linear layers with a norm between them. */
export function projector(scope: Scope, x: Tensor, { hidden = 128, out = 64 } = {}): Tensor {
  const y = $.relu(layerNorm(scope.child('norm'), linear(scope.child('first'), x, { outFeatures: hidden })));
  return linear(scope.child('second'), y, { outFeatures: out });
}

/** The encoder with a classifier on the pooled features: logits `[B, numClasses]`. */
export function filmClassifier(
  scope: Scope,
  x: Tensor,
  { numClasses, ...options }: FilmEncoderOptions & { readonly numClasses: number },
): Tensor {
  return linear(scope.child('head'), filmEncoder(scope.child('encoder'), x, options).pooled, {
    outFeatures: numClasses,
  });
}

/**
 * Features of each place with length 1, `[B, cells, C]`; `projected` for an encoder that was taught by places: as it was taught to compare them.
 */
export function filmPlaces(
  scope: Scope,
  x: Tensor,
  { projected = false, ...options }: FilmEncoderOptions & { readonly projected?: boolean } = {},
): Tensor {
  const { places } = filmEncoder(scope.child('encoder'), x, options);
  const [batch = 1, channels = 1] = places.shape;
  const rows = $.transpose($.reshape(places, [batch, channels, -1]), [0, 2, 1]);
  return unitRows(projected ? projector(scope.child('places'), rows) : rows);
}

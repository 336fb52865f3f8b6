import {
  ops as $,
  dropout,
  elementCount,
  layerNorm,
  linear,
  range,
  type Scope,
  type Tensor,
  truncatedNormal,
} from '@vesalius/engine';
import { mergeHeads, perceptron, queryKeyValue } from './transformer-block.ts';

export interface SwinBlockOptions {
  readonly numHeads: number;
  /** One size an axis; an axis not longer than its window is one window. */
  readonly windowSize: readonly number[];
  /** How far the windows are shifted along each axis, 0 for none. */
  readonly shiftSize: readonly number[];
  readonly mlpRatio?: number;
  readonly qkvBias?: boolean;
  readonly drop?: number;
  readonly attnDrop?: number;
  /** Share of the samples for which a residual branch is left out while training. */
  readonly dropPath?: number;
}

/**
 * Attention within windows with a bias for every relative position, then a perceptron.
 *
 * @param x - `[B, ...S, C]`; padded with zeros to whole windows
 * @returns the same shape
 * @throws INVALID_ARGUMENT when the heads do not divide the channels
 * @source Liu et al. 2021, Swin transformer
 */
export function swinBlock(scope: Scope, x: Tensor, options: SwinBlockOptions): Tensor {
  const { mlpRatio = 4, drop = 0, dropPath = 0 } = options;
  const sample = x.shape.map((size, axis) => (axis === 0 ? size : 1));
  const branch = (y: Tensor): Tensor => dropout(scope, y, dropPath, sample);
  const attended = $.add(x, branch(windowed(scope, layerNorm(scope.child('norm1'), x), options)));
  const mlpDim = Math.trunc((x.shape.at(-1) as number) * mlpRatio);
  const mlp = perceptron(scope.child('mlp'), layerNorm(scope.child('norm2'), attended), { mlpDim, dropoutRate: drop });
  return $.add(attended, branch(mlp));
}

interface Windows {
  /** Spatial size in whole windows' elements. */
  readonly space: readonly number[];
  readonly window: readonly number[];
  readonly shift: readonly number[];
}

function windowed(scope: Scope, x: Tensor, options: SwinBlockOptions): Tensor {
  const space = x.shape.slice(1, -1);
  const window = options.windowSize.map((size, i) => Math.min(size, space[i] as number));
  const shift = options.shiftSize.map((size, i) =>
    (space[i] as number) <= (options.windowSize[i] as number) ? 0 : size,
  );
  const after = space.map((size, i) => Math.ceil(size / (window[i] as number)) * (window[i] as number) - size);
  const padded = $.pad(
    x,
    x.shape.map(() => 0),
    [0, ...after, 0],
  );
  const windows = { space: padded.shape.slice(1, -1), window, shift };
  const attended = windowAttention(scope.child('attn'), partition(roll(padded, shift, -1), windows), {
    ...options,
    windows,
  });
  const whole = roll(reverse(attended, padded.shape, windows), shift, 1);
  return $.slice(
    whole,
    x.shape.map(() => 0),
    x.shape,
  );
}

/** Turns each spatial axis round by its shift, forwards or backwards. */
function roll(x: Tensor, shift: readonly number[], direction: 1 | -1): Tensor {
  return shift.reduce((y, by, i) => {
    if (by === 0) return y;
    const size = y.shape[i + 1] as number;
    const cut = direction < 0 ? by : size - by;
    return $.concat([$.sliceAxis(y, i + 1, cut, size), $.sliceAxis(y, i + 1, 0, cut)], i + 1);
  }, x);
}

/** `[B, ...S, C]` -> `[B windows, elements, C]` */
function partition(x: Tensor, { space, window }: Windows): Tensor {
  const [batch, channels] = [x.shape[0] as number, x.shape.at(-1) as number];
  const apart = $.reshape(x, [
    batch,
    ...space.flatMap((size, i) => [size / (window[i] as number), window[i] as number]),
    channels,
  ]);
  const axes = [0, ...space.map((_, i) => 1 + 2 * i), ...space.map((_, i) => 2 + 2 * i), 1 + 2 * space.length];
  return $.reshape($.transpose(apart, axes), [-1, elementCount(window), channels]);
}

function reverse(x: Tensor, shape: readonly number[], { space, window }: Windows): Tensor {
  const counts = space.map((size, i) => size / (window[i] as number));
  const apart = $.reshape(x, [shape[0] as number, ...counts, ...window, shape.at(-1) as number]);
  const axes = [0, ...space.flatMap((_, i) => [1 + i, 1 + space.length + i]), 1 + 2 * space.length];
  return $.reshape($.transpose(apart, axes), shape);
}

function windowAttention(scope: Scope, x: Tensor, options: SwinBlockOptions & { windows: Windows }): Tensor {
  const { numHeads, qkvBias = true, drop = 0, attnDrop = 0, windows } = options;
  const [query, key, value] = queryKeyValue(scope.child('qkv'), x, { numHeads, bias: qkvBias });
  const products = $.matMul($.mul(query, 1 / Math.sqrt(query.shape[3] as number)), key, { transposeB: true });
  const biased = $.add(products, positionBias(scope, options, elementCount(windows.window)));
  const weights = dropout(scope, $.softmax(maskNeighbours(biased, windows), -1), attnDrop);
  const y = linear(scope.child('proj'), mergeHeads($.matMul(weights, value)), { outFeatures: x.shape[2] as number });
  return dropout(scope, y, drop);
}

/** `[heads, count, count]`: one learned number for each offset within the full window. */
function positionBias(scope: Scope, { windowSize, numHeads }: SwinBlockOptions, count: number): Tensor {
  const spans = windowSize.map((size) => 2 * size - 1);
  const table = scope.parameter('relative_position_bias_table', [elementCount(spans), numHeads], truncatedNormal(0.02));
  const places = range(count).map((i) => coordinates(i, windowSize));
  const offsets = places.flatMap((a) =>
    places.map((b) =>
      spans.reduce(
        (index, span, axis) =>
          index * span + (a[axis] as number) - (b[axis] as number) + (windowSize[axis] as number) - 1,
        0,
      ),
    ),
  );
  const bias = $.gather(table, $.constant(offsets, [count * count], 'int64'));
  return $.transpose($.reshape(bias, [count, count, numHeads]), [2, 0, 1]);
}

function coordinates(index: number, sizes: readonly number[]): number[] {
  return sizes.map((size, axis) => Math.floor(index / elementCount(sizes.slice(axis + 1))) % size);
}

/** Keeps apart what the shift brought together from opposite ends. Scores `[B windows, heads, n, n]`. */
function maskNeighbours(scores: Tensor, { space, window, shift }: Windows): Tensor {
  if (shift.every((by) => by === 0)) return scores;
  const counts = space.map((size, i) => size / (window[i] as number));
  const [heads, n] = scores.shape.slice(1) as [number, number];
  const regions = range(elementCount(counts)).map((w) => {
    const corner = coordinates(w, counts).map((c, axis) => c * (window[axis] as number));
    return range(n).map((i) =>
      coordinates(i, window)
        .map((c, axis) => regionOf(c + (corner[axis] as number), axis))
        .join(),
    );
  });
  function regionOf(place: number, axis: number): number {
    const [size, by] = [space[axis] as number, shift[axis] as number];
    if (by === 0) return 0;
    return place < size - (window[axis] as number) ? 0 : place < size - by ? 1 : 2;
  }
  const mask = regions.flatMap((region) => region.flatMap((a) => region.map((b) => (a === b ? 0 : FAR))));
  const apart = $.reshape(scores, [-1, regions.length, heads, n, n]);
  return $.reshape($.add(apart, $.constant(mask, [regions.length, 1, n, n])), scores.shape);
}

/** Added to the score of a pair that must not attend: small after the softmax, as in the original. */
const FAR = -100;

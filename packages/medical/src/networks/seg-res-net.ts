import { ops as $, dropout, type Scope, type Tensor, transposedConvolutionLayer } from '@vesalius/engine';
import { type Act, activate } from './activate.ts';
import { assertInput, assertOption } from './assert-input.ts';
import { convolutionBlock } from './convolution-block.ts';
import { type Norm, normalize } from './normalize.ts';

/** Names and defaults are MONAI's. */
export interface SegResNetOptions {
  readonly outChannels?: number;
  /** Channels of the finest level; they double with every level. */
  readonly initFilters?: number;
  /** Of whole channels, after the first convolution. */
  readonly dropoutProb?: number;
  readonly act?: Act;
  readonly norm?: Norm;
  /** Residual blocks of every level on the way down, the finest first. */
  readonly blocksDown?: readonly number[];
  /** Residual blocks of every level on the way up, the coarsest first: one level fewer. */
  readonly blocksUp?: readonly number[];
  /** Linear interpolation, or a learned transposed convolution. */
  readonly upsampleMode?: 'nontrainable' | 'deconv';
}

/**
 * Residual encoder with a light decoder.
 *
 * @param x - `[B, C, ...S]`, each size a multiple of 2 for every level but the first
 * @returns logits `[B, outChannels, ...S]`
 * @throws SHAPE_MISMATCH for another size, INVALID_ARGUMENT when the levels' lists do not fit
 * @source Myronenko 2018, 3D MRI brain tumor segmentation using autoencoder regularization
 * @parity monai.networks.nets.SegResNet
 */
export function segResNet(scope: Scope, x: Tensor, options: SegResNetOptions = {}): Tensor {
  const {
    outChannels = 2,
    initFilters = 8,
    dropoutProb = 0,
    blocksDown = [1, 2, 2, 4],
    blocksUp = [1, 1, 1],
  } = options;
  const levels = blocksDown.length;
  assertOption(
    blocksUp.length === levels - 1,
    'segResNet: blocksUp',
    blocksUp.length,
    `${levels - 1} levels, one fewer than blocksDown`,
  );
  assertInput(
    'segResNet',
    x,
    blocksUp.map(() => 2),
  );
  const first = convolve(scope.child('convInit'), x, initFilters);
  const skips = encode(scope, dropout(scope, first, dropoutProb, channelsOf(first)), {
    ...options,
    blocksDown,
    initFilters,
  });
  let y = skips.at(-1) as Tensor;
  for (const [i, count] of blocksUp.entries()) {
    const narrow = convolve(scope.child(`up_samples.${i}.0`), y, (y.shape[1] as number) / 2, { kernelSize: 1 });
    const larger = enlarge(scope.child(`up_samples.${i}.1`), narrow, options.upsampleMode);
    y = residualBlocks(scope.child(`up_layers.${i}`), $.add(larger, skips[levels - 2 - i] as Tensor), {
      count,
      from: 0,
      options,
    });
  }
  const last = activate(
    scope.child('act_mod'),
    normalize(scope.child('conv_final.0'), y, normOf(options)),
    options.act ?? 'relu',
  );
  return convolve(scope.child('conv_final.2'), last, outChannels, { kernelSize: 1, bias: true });
}

const channelsOf = ({ shape }: Tensor): number[] => shape.map((size, axis) => (axis < 2 ? size : 1));

const normOf = ({ norm = { name: 'group', numGroups: 8 } }: SegResNetOptions): Norm => norm;

function convolve(
  scope: Scope,
  x: Tensor,
  outChannels: number,
  options: { kernelSize?: number; strides?: number; bias?: boolean } = {},
): Tensor {
  return convolutionBlock(scope, x, { outChannels, bias: false, ...options });
}

/** Features of every level, the finest first. */
function encode(
  scope: Scope,
  x: Tensor,
  options: SegResNetOptions & { blocksDown: readonly number[]; initFilters: number },
): Tensor[] {
  let y = x;
  return options.blocksDown.map((count, level) => {
    const inner = scope.child(`down_layers.${level}`);
    const halved = level === 0 ? y : convolve(inner.child(0), y, options.initFilters * 2 ** level, { strides: 2 });
    y = residualBlocks(inner, halved, { count, from: 1, options });
    return y;
  });
}

function residualBlocks(
  scope: Scope,
  x: Tensor,
  { count, from, options }: { count: number; from: number; options: SegResNetOptions },
): Tensor {
  let y = x;
  for (let i = 0; i < count; i++) y = residualBlock(scope.child(from + i), y, options);
  return y;
}

function residualBlock(scope: Scope, x: Tensor, options: SegResNetOptions): Tensor {
  const step = (number: number, y: Tensor): Tensor => {
    const normed = normalize(scope.child(`norm${number}`), y, normOf(options));
    return convolve(
      scope.child(`conv${number}`),
      activate(scope.child('act'), normed, options.act ?? 'relu'),
      x.shape[1] as number,
    );
  };
  return $.add(step(2, step(1, x)), x);
}

function enlarge(scope: Scope, x: Tensor, mode: 'nontrainable' | 'deconv' = 'nontrainable'): Tensor {
  if (mode === 'nontrainable')
    return $.resize(
      x,
      x.shape.slice(2).map((size) => 2 * size),
      { mode: 'linear' },
    );
  return transposedConvolutionLayer(scope.child('deconv'), x, {
    outChannels: x.shape[1] as number,
    kernelSize: 2,
    stride: 2,
  });
}

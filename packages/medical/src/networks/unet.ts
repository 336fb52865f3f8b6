import { ops as $, convolutionLayer, type Scope, type Tensor } from '@vesalius/engine';
import type { Act } from './activate.ts';
import { assertInput, assertOption } from './assert-input.ts';
import { convolutionBlock } from './convolution-block.ts';
import type { Norm } from './normalize.ts';
import { type PerAxis, perAxis } from './per-axis.ts';

/** Names and defaults are MONAI's. */
export interface UNetOptions {
  readonly outChannels: number;
  /** Of every level, the finest first. */
  readonly channels: readonly number[];
  /** Between the levels: one fewer than `channels`. */
  readonly strides: readonly PerAxis[];
  readonly kernelSize?: PerAxis;
  readonly upKernelSize?: PerAxis;
  /** Convolutions in each residual unit; 0 for a plain U-Net. */
  readonly numResUnits?: number;
  readonly act?: Act;
  readonly norm?: Norm;
  readonly dropout?: number;
  readonly bias?: boolean;
}

/**
 * U-Net, with residual units when `numResUnits` is above 0.
 *
 * @param x - `[B, C, ...S]`, each size a multiple of the strides' product
 * @returns logits `[B, outChannels, ...S]`
 * @throws SHAPE_MISMATCH for another size, INVALID_ARGUMENT when channels and strides do not fit
 * @source Ronneberger et al. 2015, U-Net; Kerfoot et al. 2018, Left-ventricle quantification using residual U-Net
 * @parity monai.networks.nets.UNet
 */
export function unet(scope: Scope, x: Tensor, options: UNetOptions): Tensor {
  const { channels, strides } = options;
  assertOption(channels.length >= 2, 'unet: channels', channels, 'at least 2 levels');
  assertOption(
    strides.length === channels.length - 1,
    'unet: strides',
    strides.length,
    `${channels.length - 1}, one fewer than channels`,
  );
  assertInput('unet', x, strides);
  return level(scope.child('model'), x, { outChannels: options.outChannels, depth: 0, unet: options });
}

interface Level {
  readonly outChannels: number;
  readonly depth: number;
  readonly unet: UNetOptions;
}

function level(scope: Scope, x: Tensor, { outChannels, depth, unet }: Level): Tensor {
  const channels = unet.channels[depth] as number;
  const strides = unet.strides[depth] as PerAxis;
  const inner = scope.child('1.submodule');
  const fine = down(scope.child(0), x, { outChannels: channels, strides, unet });
  const coarse =
    depth + 2 < unet.channels.length
      ? level(inner, fine, { outChannels: channels, depth: depth + 1, unet })
      : down(inner, fine, { outChannels: unet.channels[depth + 1] as number, strides: 1, unet });
  return up(scope.child(2), $.concat([fine, coarse], 1), { outChannels, strides, unet, isTop: depth === 0 });
}

interface Step {
  readonly outChannels: number;
  readonly strides: PerAxis;
  readonly unet: UNetOptions;
}

/** What follows every convolution but the last. */
function adn({ norm = 'instance', act = 'prelu', dropout = 0 }: UNetOptions): {
  norm: Norm;
  act: Act;
  dropout: number;
} {
  return { norm, act, dropout };
}

function down(scope: Scope, x: Tensor, step: Step): Tensor {
  const { outChannels, strides, unet } = step;
  const { kernelSize = 3, bias = true, numResUnits = 0 } = unet;
  if (numResUnits > 0) return residualUnit(scope, x, { ...step, subunits: numResUnits, lastConvOnly: false });
  return convolutionBlock(scope, x, { outChannels, strides, kernelSize, bias, ...adn(unet) });
}

function up(scope: Scope, x: Tensor, { isTop, ...step }: Step & { isTop: boolean }): Tensor {
  const { outChannels, strides, unet } = step;
  const { upKernelSize = 3, bias = true, numResUnits = 0 } = unet;
  const transposed = { outChannels, strides, kernelSize: upKernelSize, bias, isTransposed: true };
  if (numResUnits === 0) return convolutionBlock(scope, x, { ...transposed, ...(!isTop && adn(unet)) });
  const y = convolutionBlock(scope.child(0), x, { ...transposed, ...adn(unet) });
  return residualUnit(scope.child(1), y, { outChannels, strides: 1, unet, subunits: 1, lastConvOnly: isTop });
}

function residualUnit(scope: Scope, x: Tensor, step: Step & { subunits: number; lastConvOnly: boolean }): Tensor {
  const { outChannels, strides, unet, subunits, lastConvOnly } = step;
  const { kernelSize = 3, bias = true } = unet;
  let y = x;
  for (let i = 0; i < subunits; i++) {
    const plain = lastConvOnly && i === subunits - 1;
    const block = { outChannels, kernelSize, bias, strides: i === 0 ? strides : 1, ...(!plain && adn(unet)) };
    y = convolutionBlock(scope.child(`conv.unit${i}`), y, block);
  }
  return $.add(y, shortcut(scope.child('residual'), x, step));
}

function shortcut(scope: Scope, x: Tensor, { outChannels, strides, unet }: Step): Tensor {
  const axes = x.shape.length - 2;
  const moves = perAxis(strides, axes).some((stride) => stride !== 1);
  if (!moves && x.shape[1] === outChannels) return x;
  const kernelSize = moves ? perAxis(unet.kernelSize ?? 3, axes) : perAxis(1, axes);
  const padding = kernelSize.map((k) => (k - 1) / 2);
  return convolutionLayer(scope, x, {
    outChannels,
    kernelSize,
    stride: perAxis(strides, axes),
    padding,
    bias: unet.bias ?? true,
  });
}

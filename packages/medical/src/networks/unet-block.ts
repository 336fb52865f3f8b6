import { ops as $, type Initializer, type Scope, type Tensor } from '@vesalius/engine';
import { type Act, activate } from './activate.ts';
import { assertOption } from './assert-input.ts';
import { convolutionBlock } from './convolution-block.ts';
import { type Norm, normalize } from './normalize.ts';
import { type PerAxis, perAxis } from './per-axis.ts';

export interface UnetBlockOptions {
  readonly outChannels: number;
  readonly kernelSize: PerAxis;
  /** Of the first convolution. */
  readonly stride?: PerAxis;
  readonly normName?: Norm;
  readonly actName?: Act;
  readonly dropout?: number;
  readonly resBlock?: boolean;
  readonly initializer?: Initializer;
}

/**
 * Two convolutions, each normalised and activated; `resBlock` adds the input before the last activation.
 *
 * @param x - `[B, C, ...S]`
 * @returns `[B, outChannels, ...S / stride]`
 * @source Isensee et al. 2021, nnU-Net
 */
export function unetBlock(scope: Scope, x: Tensor, options: UnetBlockOptions): Tensor {
  const { actName = 'leakyrelu', normName = { name: 'instance', affine: true }, resBlock = false } = options;
  const act = (y: Tensor): Tensor => activate(scope.child('lrelu'), y, actName);
  const step = (number: number, y: Tensor, changes: Partial<UnetBlockOptions>): Tensor => {
    const convolved = convolve(scope.child(`conv${number}`), y, { ...options, ...changes });
    return normalize(scope.child(`norm${number}`), convolved, normName);
  };
  const y = step(2, act(step(1, x, {})), { stride: 1 });
  if (!resBlock) return act(y);
  const moves = perAxis(options.stride ?? 1, x.shape.length - 2).some((stride) => stride !== 1);
  const shortcut = moves || x.shape[1] !== options.outChannels ? step(3, x, { kernelSize: 1 }) : x;
  return act($.add(y, shortcut));
}

function convolve(scope: Scope, x: Tensor, options: UnetBlockOptions): Tensor {
  const { outChannels, dropout = 0, initializer } = options;
  const axes = x.shape.length - 2;
  const [kernelSize, strides] = [perAxis(options.kernelSize, axes), perAxis(options.stride ?? 1, axes)];
  const padding = kernelSize.map((k, i) => Math.trunc((k - (strides[i] as number) + 1) / 2));
  const fits = padding.every((p) => p >= 0);
  assertOption(fits, 'unet block: kernelSize', kernelSize, `at least the stride ${strides} less 1`);
  const layer = { outChannels, kernelSize, strides, padding, bias: false, dropout };
  return convolutionBlock(scope, x, { ...layer, ...(initializer && { initializer }) });
}

export interface UnetUpOptions {
  readonly outChannels: number;
  /** Kernel and stride of the transposed convolution. */
  readonly upsampleKernelSize: PerAxis;
  readonly transBias?: boolean;
  readonly dropout?: number;
  readonly initializer?: Initializer;
}

/** Transposed convolution that multiplies the size by its kernel. Parameters `conv.*`. */
export function unetUpsample(scope: Scope, x: Tensor, options: UnetUpOptions): Tensor {
  const { outChannels, upsampleKernelSize: up, transBias = false, dropout = 0, initializer } = options;
  const layer = { outChannels, kernelSize: up, strides: up, padding: 0, outputPadding: 0, bias: transBias, dropout };
  return convolutionBlock(scope, x, { ...layer, isTransposed: true, ...(initializer && { initializer }) });
}

/**
 * Enlarges x, joins the finer features and applies a block to both.
 */
export function unetUpBlock(
  scope: Scope,
  [x, skip]: readonly [Tensor, Tensor],
  options: UnetUpOptions & UnetBlockOptions,
): Tensor {
  const larger = unetUpsample(scope.child('transp_conv'), x, options);
  return unetBlock(scope.child('conv_block'), $.concat([larger, skip], 1), options);
}

import {
  convolutionLayer,
  dropout,
  type Initializer,
  type Scope,
  type Tensor,
  transposedConvolutionLayer,
} from '@vesalius/engine';
import { type Act, activate } from './activate.ts';
import { assertOption } from './assert-input.ts';
import { type Norm, normalize } from './normalize.ts';
import { type PerAxis, perAxis } from './per-axis.ts';

export interface ConvolutionBlockOptions {
  readonly outChannels: number;
  readonly kernelSize?: PerAxis;
  readonly strides?: PerAxis;
  /** Keeps the size at stride 1 by default. */
  readonly padding?: PerAxis;
  readonly outputPadding?: PerAxis;
  readonly isTransposed?: boolean;
  readonly bias?: boolean;
  readonly initializer?: Initializer;
  /** What follows the convolution, each only where given. */
  readonly norm?: Norm;
  readonly dropout?: number;
  readonly act?: Act;
}

/**
 * Convolution, then normalisation, dropout and activation. Parameters `conv.*`, `adn.N.*`, `adn.A.*`.
 *
 * @param x - `[B, C, ...S]`
 * @returns `[B, outChannels, ...ceil(S / strides)]`, or `...S * strides` when transposed
 * @throws INVALID_ARGUMENT for an even kernel without a padding of its own
 */
export function convolutionBlock(scope: Scope, x: Tensor, options: ConvolutionBlockOptions): Tensor {
  const y = convolve(scope.child('conv'), x, options);
  const { norm, dropout: probability = 0, act } = options;
  const normed = norm === undefined ? y : normalize(scope.child('adn.N'), y, norm);
  const dropped = dropout(scope, normed, probability);
  return act === undefined ? dropped : activate(scope.child('adn.A'), dropped, act);
}

function convolve(scope: Scope, x: Tensor, options: ConvolutionBlockOptions): Tensor {
  const axes = x.shape.length - 2;
  const kernelSize = perAxis(options.kernelSize ?? 3, axes);
  const stride = perAxis(options.strides ?? 1, axes);
  const padding = options.padding === undefined ? kernelSize.map(samePadding) : perAxis(options.padding, axes);
  const { outChannels, bias = true, initializer } = options;
  const layer = { outChannels, kernelSize, stride, padding, bias, ...(initializer && { initializer }) };
  if (!options.isTransposed) return convolutionLayer(scope, x, layer);
  const outputPadding =
    options.outputPadding === undefined ? stride.map((s) => s - 1) : perAxis(options.outputPadding, axes);
  return transposedConvolutionLayer(scope, x, { ...layer, outputPadding });
}

/** What keeps the size at a stride of 1. */
function samePadding(kernelSize: number): number {
  assertOption(kernelSize % 2 === 1, 'kernelSize', kernelSize, 'odd, or a padding beside it');
  return (kernelSize - 1) / 2;
}

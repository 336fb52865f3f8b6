import {
  ops as $,
  convolutionLayer,
  instanceNorm,
  type Scope,
  type Tensor,
  transposedConvolutionLayer,
} from '@vesalius/engine';

/**
 * U-Net of plain blocks, two a level: convolution, instance norm, ReLU. Strided convolutions lead down, transposed ones
 * up, none has a bias. Parameters are named as in `PlainUNet` of bench/python/networks.py.
 *
 * @param x - `[B, 1, ...S]`
 * @param channels - of every level, the finest first
 * @returns logits `[B, 1, ...S]`
 */
export function plainUnet(scope: Scope, x: Tensor, channels: readonly number[]): Tensor {
  const skips: Tensor[] = [];
  let y = x;
  for (const [i, outChannels] of channels.entries()) {
    if (i > 0) y = convolve(scope.child(`down.${i - 1}`), y, { outChannels, stride: 2 });
    y = block(scope.child(`enc.${i}`), y, outChannels);
    skips.push(y);
  }
  for (let i = channels.length - 2; i >= 0; i--) {
    const outChannels = channels[i] as number;
    const enlarge = { outChannels, kernelSize: 2, stride: 2, bias: false };
    const larger = transposedConvolutionLayer(scope.child(`up.${i}`), y, enlarge);
    y = block(scope.child(`dec.${i}`), $.concat([skips[i] as Tensor, larger], 1), outChannels);
  }
  return convolutionLayer(scope.child('out'), y, { outChannels: 1, kernelSize: 1, bias: false });
}

function convolve(scope: Scope, x: Tensor, options: { outChannels: number; stride: number }): Tensor {
  return convolutionLayer(scope, x, { ...options, kernelSize: 3, padding: 1, bias: false });
}

/** The places of the convolutions among the block's six modules. */
const CONVOLUTIONS = [0, 3];

function block(scope: Scope, x: Tensor, outChannels: number): Tensor {
  return CONVOLUTIONS.reduce(
    (y, place) => $.relu(instanceNorm(scope, convolve(scope.child(place), y, { outChannels, stride: 1 }))),
    x,
  );
}

import { ops as $, convolutionLayer, type Scope, type Tensor } from '@vesalius/engine';
import { type Act, activate, type Norm, normalize } from '@vesalius/medical';

const STYLE = { norm: { name: 'instance', affine: true }, act: 'leakyrelu' } as const;

/**
 * Features of one modality at every level: a strided convolution and a residual block.
 *
 * @param x - `[B, 1, ...S]`
 * @param channels - of every level, the finest first
 * @param stem - stride of the first level
 * @returns of every level `[B, channels, ...S / (stem 2^level)]`
 * @source Zhang et al. 2022, mmFormer
 */
export function modalityEncoder(scope: Scope, x: Tensor, channels: readonly number[], stem = 1): Tensor[] {
  let y = x;
  return channels.map((outChannels, level) => {
    const inner = scope.child(level);
    const stride = level === 0 ? stem : 2;
    const entered = convolutionLayer(inner.child('enter'), y, { outChannels, kernelSize: 3, stride, padding: 1 });
    y = preNormBlock(inner.child('block'), entered, STYLE);
    return y;
  });
}

/**
 * Two convolutions, each behind its norm and activation, added to their input.
 *
 * @param x - `[B, C, ...S]`
 * @source He et al. 2016, Identity mappings in deep residual networks
 * @parity monai.networks.blocks.segresnet_block.ResBlock
 */
export function preNormBlock(scope: Scope, x: Tensor, { norm, act }: { norm: Norm; act: Act }): Tensor {
  const step = (number: number, y: Tensor): Tensor => {
    const ready = activate(scope.child('act'), normalize(scope.child(`norm${number}`), y, norm), act);
    const layer = { outChannels: x.shape[1] as number, kernelSize: 3, padding: 1, bias: false };
    return convolutionLayer(scope.child(`conv${number}.conv`), ready, layer);
  };
  return $.add(step(2, step(1, x)), x);
}

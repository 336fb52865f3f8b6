import { ops as $, layerNorm, linear, type Scope, type Tensor, truncatedNormal } from '@vesalius/engine';
import { transformerBlock } from '@vesalius/medical';
import type { TransUnetPlusPlusSize } from './sizes.ts';

export interface TokenTransformerOptions extends Omit<TransUnetPlusPlusSize, 'channels'> {
  /** Size of the feature map that positions are learned for; of another map they are interpolated. */
  readonly grid: readonly number[];
}

/**
 * Self-attention between all places of a feature map, each place a token.
 *
 * @param x - `[B, C, ...S]`
 * @returns `[B, hiddenSize, ...S]`, each token in its own place
 * @source Chen et al. 2021, TransUNet
 */
export function tokenTransformer(scope: Scope, x: Tensor, options: TokenTransformerOptions): Tensor {
  const { hiddenSize, mlpDim, numLayers, numHeads, grid } = options;
  const [batch = 1, channels = 1, ...space] = x.shape;
  const rows = $.transpose($.reshape(x, [batch, channels, -1]), [0, 2, 1]);
  const learned = scope.parameter('positions', [1, hiddenSize, ...grid], truncatedNormal(0.02));
  const positions = $.transpose($.reshape($.resize(learned, space), [1, hiddenSize, -1]), [0, 2, 1]);
  let tokens = $.add(linear(scope.child('projection'), rows, { outFeatures: hiddenSize }), positions);
  for (let layer = 0; layer < numLayers; layer++)
    tokens = transformerBlock(scope.child(`blocks.${layer}`), tokens, { mlpDim, numHeads, qkvBias: true });
  const last = layerNorm(scope.child('norm'), tokens);
  return $.reshape($.transpose(last, [0, 2, 1]), [batch, hiddenSize, ...space]);
}

import { ops as $, convolutionLayer, type Scope, type Tensor } from '@vesalius/engine';
import { presenceOf } from '../modalities/modality-model.ts';

export interface GatedFeatures {
  /** `[B, C, ...S]` */
  readonly features: Tensor;
  /** `[B, M, ...S]`: how far each modality is let through in every place, 0 to 1; 0 where it is not there. */
  readonly gates: Tensor;
}

/**
 * Features of all modalities, each weighed in every place by a gate that sees them all.
 *
 * @param codes - `[B, C, ...S]` of each modality
 * @param mask - `[B, M]`
 * @source Chen et al. 2019, Robust multimodal brain tumor segmentation via feature disentanglement and gated fusion
 */
export function gatedFusion(scope: Scope, codes: readonly Tensor[], mask: Tensor): GatedFeatures {
  const present = codes.map((code, m) => $.mul(code, presenceOf(mask, m, code)));
  const outChannels = (codes[0] as Tensor).shape[1] as number;
  const scores = convolutionLayer(scope.child('gate'), $.concat(present, 1), {
    outChannels: codes.length,
    kernelSize: 1,
  });
  const shape = [...mask.shape, ...scores.shape.slice(2).map(() => 1)];
  const gates = $.mul($.sigmoid(scores), $.reshape(mask, shape));
  const weighed = present.map((code, m) => $.mul(code, $.sliceAxis(gates, 1, m, m + 1)));
  const sum = weighed.reduce((a, b) => $.add(a, b));
  // Fewer modalities add up to less: the mean over those there is of one size.
  const count = $.reshape($.sum(mask, [1]), [mask.shape[0] as number, ...sum.shape.slice(1).map(() => 1)]);
  const mixed = convolutionLayer(scope.child('mix'), $.div(sum, count), { outChannels, kernelSize: 1 });
  return { features: $.leakyRelu(mixed), gates };
}

import { ops as $, convolutionLayer, linear, range, type Scope, type Tensor } from '@vesalius/engine';

/**
 * Tells modalities by their codes: features of every level, pooled by their mean and their spread, or a vector alone.
 *
 * @param code - `[B, C, ...S]` of each level, or `[B, C]`
 * @returns logits `[B, classes]`
 */
export function modalityClassifier(
  scope: Scope,
  code: readonly Tensor[],
  { classes, width = 16 }: { readonly classes: number; readonly width?: number },
): Tensor {
  const pooled = code.flatMap((level, i) =>
    level.shape.length === 2 ? [level] : pool(scope.child(`levels.${i}`), level, width),
  );
  const joined = pooled.length === 1 ? (pooled[0] as Tensor) : $.concat(pooled, 1);
  const hidden = $.leakyRelu(linear(scope.child('hidden'), joined, { outFeatures: 2 * width }));
  return linear(scope.child('leave'), hidden, { outFeatures: classes });
}

function pool(scope: Scope, x: Tensor, outChannels: number): Tensor[] {
  const axes = range(x.shape.length - 2, 2);
  const y = $.leakyRelu(convolutionLayer(scope, x, { outChannels, kernelSize: 3, padding: 1 }));
  const mean = $.mean(y, axes);
  const spread = $.sqrt($.add($.mean($.square($.sub(y, mean)), axes), 1e-6));
  return [mean, spread].map((part) => $.reshape(part, [x.shape[0] as number, outChannels]));
}

/** Cross entropy of guesses about all modalities, modality after modality in the batch. @param logits - `[M B, M]` */
export function modalitySurprise(logits: Tensor): Tensor {
  const [count = 1, modalities = 1] = logits.shape;
  const truth = Float32Array.from({ length: count * modalities }, (_, i) =>
    Math.floor(Math.floor(i / modalities) / (count / modalities)) === i % modalities ? 1 : 0,
  );
  const right = $.sum($.mul($.logSoftmax(logits, 1), $.constant(truth, logits.shape)), [1]);
  return $.reshape($.neg($.mean(right)), []);
}

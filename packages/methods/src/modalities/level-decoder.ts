import { convolutionLayer, kaimingNormal, type Scope, type Tensor } from '@vesalius/engine';
import { unetUpBlock, unetUpsample } from '@vesalius/medical';

export interface DecoderOptions {
  readonly outChannels: number;
  /** The level to end at; 0, the finest, by default. */
  readonly finest?: number;
  /** How much finer the image is than the finest level, whose answer is brought to the image's size; 1 by default. */
  readonly stem?: number;
}

/**
 * From the coarsest features up, each level joined with what came from below, each answering.
 *
 * @param levels - features, the finest first, each half the size of the one before
 * @returns logits `[B, outChannels, ...]` of the levels from `finest` on, the finest first
 */
export function decodeLevels(
  scope: Scope,
  levels: readonly Tensor[],
  { outChannels, finest = 0, stem = 1 }: DecoderOptions,
): Tensor[] {
  const last = levels.length - 1;
  const head = (level: number, x: Tensor): Tensor => {
    const inner = scope.child(`heads.${level}`);
    return level === 0 && stem > 1
      ? unetUpsample(inner, x, { outChannels, upsampleKernelSize: stem, transBias: true })
      : convolutionLayer(inner, x, { outChannels, kernelSize: 1, initializer: kaimingNormal(0.01) });
  };
  let y = levels[last] as Tensor;
  const logits = [head(last, y)];
  for (let level = last - 1; level >= finest; level--) {
    const skip = levels[level] as Tensor;
    const width = skip.shape[1] as number;
    const block = { outChannels: width, kernelSize: 3, upsampleKernelSize: 2, initializer: kaimingNormal(0.01) };
    y = unetUpBlock(scope.child(`levels.${level}`), [y, skip], block);
    logits.unshift(head(level, y));
  }
  return logits;
}

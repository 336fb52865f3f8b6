import { convolutionLayer, kaimingNormal, type Scope, type Tensor } from '@vesalius/engine';
import { unetUpBlock } from '@vesalius/medical';

/**
 * From the coarsest features up, each level joined with what came from below, each answering.
 *
 * @param levels - features, the finest first, each half the size of the one before
 * @param finest - the level to end at; 0 is the finest
 * @returns logits `[B, outChannels, ...]` of the levels from `finest` on, the finest first
 */
export function decodeLevels(
  scope: Scope,
  levels: readonly Tensor[],
  { outChannels, finest = 0 }: { readonly outChannels: number; readonly finest?: number },
): Tensor[] {
  const last = levels.length - 1;
  const head = (level: number, x: Tensor): Tensor =>
    convolutionLayer(scope.child(`heads.${level}`), x, {
      outChannels,
      kernelSize: 1,
      initializer: kaimingNormal(0.01),
    });
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

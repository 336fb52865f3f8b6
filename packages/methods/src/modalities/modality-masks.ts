import { Random } from '@vesalius/engine';

/** Every set of modalities but the empty one, the smallest first; 1 for those that are in it. */
export function modalitySubsets(modalities: number): number[][] {
  const subsets = Array.from({ length: 2 ** modalities - 1 }, (_, i) =>
    Array.from({ length: modalities }, (__, m) => ((i + 1) >> m) & 1),
  );
  const size = (subset: readonly number[]): number => subset.reduce((a, b) => a + b, 0);
  return subsets.toSorted((a, b) => size(a) - size(b));
}

/**
 * Which modalities each sample of a step may use while training: any set but the empty one, all equally likely.
 *
 * @returns `[batchSize, modalities]`, by the seed and the number of the step alone
 */
export function randomMask(
  seed: number,
  step: number,
  [batchSize, modalities]: readonly [number, number],
): Float32Array {
  const random = new Random(seed).fork('modalities').fork(step);
  const subsets = modalitySubsets(modalities);
  return Float32Array.from(
    Array.from({ length: batchSize }, () => subsets[random.integer(subsets.length)] as number[]).flat(),
  );
}

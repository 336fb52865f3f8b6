import type { Random } from '@vesalius/engine';
import type { Sample, SampleGrid } from './sample.ts';
import type { SpatialTransform } from './spatial/spatial-transform.ts';

/** A change of voxel values, by the name of its operation; images only, all of them unless `keys` names some. */
export interface IntensityTransform {
  readonly kind: 'intensity';
  readonly name: string;
  readonly keys?: readonly string[];
  /** Plain JSON: everything the operation needs, the seed of its noise included. */
  readonly options: object;
}

/** A change of label values, by the name of its operation; all label maps unless `keys` names some. */
export interface LabelTransform {
  readonly kind: 'label';
  readonly name: string;
  readonly keys?: readonly string[];
  readonly options: object;
}

/** What was done to a sample: plain JSON that `replay` does again, and `invert` undoes where it is spatial. */
export type AppliedTransform = SpatialTransform | IntensityTransform | LabelTransform;

/**
 * Decides what to apply to a sample: from random numbers, from its grid, or from its voxels.
 *
 * Deciding and applying are apart, so that whatever was drawn by chance can be written down and done again.
 */
export interface Transform {
  readonly name: string;
  /** As given to its constructor; with `name` enough to build it again. */
  readonly options: object;
  /** True where `decide` looks at voxels, so that spatial transforms still waiting have to be carried out before. */
  readonly readsVoxels?: boolean;
  /** @returns null where there is nothing to do */
  decide(random: Random, grid: SampleGrid, sample: Sample): AppliedTransform | null;
}

export interface KeysOption {
  /** Images (or label maps) to change. Default: all. */
  readonly keys?: readonly string[];
}

export interface ProbabilityOption {
  /** Probability of being applied, 0 to 1. Default: 0.1, as in MONAI. */
  readonly prob?: number;
}

type RandomOptions<O> = O & ProbabilityOption;

/** A transform that is applied with probability `prob`. */
export function randomTransform<O extends object>(
  name: string,
  options: RandomOptions<O>,
  decide: Transform['decide'],
): Transform {
  const prob = options.prob ?? 0.1;
  return {
    name,
    options,
    decide: (random, grid, sample) => (random.uniform() < prob ? decide(random, grid, sample) : null),
  };
}

import type { Random } from '@vesalius/engine';
import { applyTransform } from './apply-transform.ts';
import { gridOf, type Sample, type SampleGrid } from './sample.ts';
import { spacingAfter } from './spatial/resample.ts';
import { joinSpatial, type SpatialTransform } from './spatial/spatial-transform.ts';
import type { AppliedTransform, Transform } from './transform.ts';

export interface Transformed {
  readonly sample: Sample;
  /** What was done, in order: for `replay` and `invert`. */
  readonly applied: readonly AppliedTransform[];
}

export interface Pipeline {
  readonly transforms: readonly Transform[];
  /** Draws from `random` in the order of the transforms. */
  apply(sample: Sample, random: Random): Transformed;
}

export interface ComposeOptions {
  /** Joins spatial transforms that follow each other into one resampling: faster, and blurs once only. Default: true. */
  readonly lazy?: boolean;
}

/**
 * Transforms in a row.
 *
 * @throws GEOMETRY_MISMATCH when images and labels of a sample differ in size
 */
export function compose(transforms: readonly Transform[], { lazy = true }: ComposeOptions = {}): Pipeline {
  return { transforms, apply: (sample, random) => new Run(sample, lazy).through(transforms, random) };
}

class Run {
  #sample: Sample;
  #grid: SampleGrid;
  #pending: SpatialTransform | undefined;
  readonly #lazy: boolean;
  readonly #applied: AppliedTransform[] = [];

  constructor(sample: Sample, lazy: boolean) {
    this.#sample = sample;
    this.#grid = gridOf(sample);
    this.#lazy = lazy;
  }

  through(transforms: readonly Transform[], random: Random): Transformed {
    for (const transform of transforms) {
      if (transform.readsVoxels) this.#carryOut();
      const decided = transform.decide(random, this.#grid, this.#sample);
      if (decided?.kind === 'spatial') this.#postpone(decided);
      else if (decided) this.#change(decided);
    }
    this.#carryOut();
    return { sample: this.#sample, applied: this.#applied };
  }

  #postpone(next: SpatialTransform): void {
    const joined = this.#pending && joinSpatial(this.#pending, next);
    if (!joined) this.#carryOut();
    this.#pending = joined ?? next;
    this.#grid = { size: next.outputSize, spacingMm: spacingAfter(this.#grid.spacingMm, next) };
    if (!this.#lazy) this.#carryOut();
  }

  #change(next: AppliedTransform): void {
    this.#carryOut();
    this.#sample = applyTransform(this.#sample, next);
    this.#applied.push(next);
  }

  #carryOut(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending) this.#change(pending);
  }
}

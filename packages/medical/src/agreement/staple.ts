import { VesaliusError } from '@vesalius/errors';

/** How well a rater finds what is there and leaves out what is not, each 0 to 1. */
export interface RaterQuality {
  readonly sensitivity: number;
  readonly specificity: number;
}

export interface StapleResult {
  /** In the order of the masks. */
  readonly raters: readonly RaterQuality[];
  readonly iterations: number;
  /** For each voxel the probability that it belongs to the class. */
  consensus(): Float32Array;
}

export interface StapleOptions {
  /** The value of the class; without it all but 0 belongs to it. */
  readonly value?: number;
  /** Share of voxels that belong to the class before anybody looked; the mean of all raters without it. */
  readonly prior?: number;
}

/** A sum for each way to agree is kept. */
const MOST_RATERS = 20;
const MOST_ITERATIONS = 1000;
const SETTLED = 1e-10;
const BEGINNING = 0.99999;

/**
 * Estimates at once what several raters of one scan meant and how well each of them did, by expectation and maximization.
 *
 * @param masks - one a rater, on one grid
 * @throws SHAPE_MISMATCH when lengths differ, INVALID_ARGUMENT for none or more than 20
 * @source Warfield, Zou, Wells 2004, Simultaneous truth and performance level estimation (STAPLE)
 * @parity SimpleITK.STAPLEImageFilter
 */
export function staple(masks: readonly Uint8Array[], options: StapleOptions = {}): StapleResult {
  assertMasks(masks);
  const patternAt = patternOf(masks, options.value);
  // Voxels of which all raters said the same things share their weight.
  const seen = [...countPatterns(masks, patternAt).entries()].filter(([, count]) => count > 0);
  const prior = options.prior ?? meanOf(seen, masks.length);
  const said = (pattern: number, rater: number) => ((pattern >> rater) & 1) === 1;
  let raters: RaterQuality[] = masks.map(() => ({ sensitivity: BEGINNING, specificity: BEGINNING }));
  let weights = seen.map(([pattern]) => shareOf(pattern, masks.length));
  let iterations = 0;
  for (let settled = false; !settled && iterations < MOST_ITERATIONS; iterations++) {
    const next = masks.map((_, rater) => qualityOf(seen, weights, (pattern) => said(pattern, rater)));
    settled = next.every((quality, i) => isClose(quality, raters[i]));
    raters = next;
    weights = seen.map(([pattern]) => weightOf(raters, prior, (rater) => said(pattern, rater)));
  }
  return {
    raters,
    iterations,
    consensus: () => {
      const weightOfPattern = new Map(seen.map(([pattern], i) => [pattern, weights[i] as number]));
      const voxels = new Float32Array(masks[0]?.length ?? 0);
      for (let i = 0; i < voxels.length; i++) voxels[i] = weightOfPattern.get(patternAt(i)) as number;
      return voxels;
    },
  };
}

type Seen = readonly (readonly [pattern: number, count: number])[];

function assertMasks(masks: readonly Uint8Array[]): void {
  if (masks.length === 0 || masks.length > MOST_RATERS)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'raters', got: masks.length, expected: `1 to ${MOST_RATERS}` });
  const expected = masks[0]?.length;
  const other = masks.find(({ length }) => length !== expected);
  if (other) throw new VesaliusError('SHAPE_MISMATCH', { what: 'mask', got: other.length, expected });
}

/** What was said of a voxel: a bit a rater. */
function patternOf(masks: readonly Uint8Array[], value: number | undefined): (voxel: number) => number {
  return (voxel) => {
    let pattern = 0;
    for (let rater = 0; rater < masks.length; rater++) {
      const said = masks[rater]?.[voxel] as number;
      if (value === undefined ? said !== 0 : said === value) pattern |= 1 << rater;
    }
    return pattern;
  };
}

function countPatterns(masks: readonly Uint8Array[], patternAt: (voxel: number) => number): Float64Array {
  const counts = new Float64Array(2 ** masks.length);
  const voxels = masks[0]?.length ?? 0;
  for (let i = 0; i < voxels; i++) {
    const pattern = patternAt(i);
    counts[pattern] = (counts[pattern] as number) + 1;
  }
  return counts;
}

function shareOf(pattern: number, raters: number): number {
  let count = 0;
  for (let bits = pattern; bits > 0; bits >>= 1) count += bits & 1;
  return count / raters;
}

function meanOf(seen: Seen, raters: number): number {
  const voxels = seen.reduce((sum, [, count]) => sum + count, 0);
  return seen.reduce((sum, [pattern, count]) => sum + count * shareOf(pattern, raters), 0) / voxels;
}

/** Equations 18 and 19. Nobody misses what is nowhere. */
function qualityOf(seen: Seen, weights: readonly number[], said: (pattern: number) => boolean): RaterQuality {
  let [inside, found, outside, left] = [0, 0, 0, 0];
  for (const [i, [pattern, count]] of seen.entries()) {
    const weight = weights[i] as number;
    inside += weight * count;
    outside += (1 - weight) * count;
    if (said(pattern)) found += weight * count;
    else left += (1 - weight) * count;
  }
  return { sensitivity: inside > 0 ? found / inside : 1, specificity: outside > 0 ? left / outside : 1 };
}

/** Equations 14 to 16. */
function weightOf(raters: readonly RaterQuality[], prior: number, said: (rater: number) => boolean): number {
  let [alpha, beta] = [prior, 1 - prior];
  for (const [i, { sensitivity, specificity }] of raters.entries()) {
    alpha *= said(i) ? sensitivity : 1 - sensitivity;
    beta *= said(i) ? 1 - specificity : specificity;
  }
  return alpha + beta > 0 ? alpha / (alpha + beta) : prior;
}

function isClose(a: RaterQuality, b: RaterQuality | undefined): boolean {
  if (b === undefined) return false;
  return (a.sensitivity - b.sensitivity) ** 2 < SETTLED && (a.specificity - b.specificity) ** 2 < SETTLED;
}

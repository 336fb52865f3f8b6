import type { Random } from '@vesalius/engine';
import { countOf, type LabelledImages } from './labelled-images.ts';

export interface DrawOptions {
  readonly batchSize: number;
  /** C, ...S */
  readonly imageShape: readonly number[];
  /** Axes of S mirrored at random. */
  readonly flipAxes: readonly number[];
  /** Chance of each image, for itself; without it `batchSize` images are drawn. */
  readonly sampleRate?: number;
}

export interface DrawnBatch {
  /** `[B, C, ...S]` */
  readonly image: Float32Array;
  /** `[B]`, class numbers. */
  readonly label: Float32Array;
  /** `[B]`, 1 for an image that was drawn, 0 for what fills the batch. */
  readonly present: Float32Array;
}

/** Images drawn at random, with replacement unless each is drawn for itself. */
export function drawBatch(all: LabelledImages, random: Random, options: DrawOptions): DrawnBatch {
  const { batchSize, imageShape, flipAxes } = options;
  const each = imageShape.reduce((product, n) => product * n, 1);
  const chosen = choose(countOf(all), random, options);
  const image = new Float32Array(batchSize * each);
  const label = new Float32Array(batchSize);
  const present = new Float32Array(batchSize);
  for (const [place, n] of chosen.entries()) {
    const flipped = flipAxes.filter(() => random.uniform() < 0.5);
    copyFlipped(all.images.subarray(n * each, (n + 1) * each), image.subarray(place * each), { imageShape, flipped });
    label[place] = all.labels[n] as number;
    present[place] = 1;
  }
  return { image, label, present };
}

function choose(count: number, random: Random, { batchSize, sampleRate }: DrawOptions): number[] {
  if (sampleRate === undefined) return Array.from({ length: batchSize }, () => random.integer(count));
  const drawn = Array.from({ length: count }, (_, n) => n).filter(() => random.uniform() < sampleRate);
  // More than a batch holds is as good as impossible where it holds the mean and six deviations.
  return random.shuffle(drawn).slice(0, batchSize);
}

interface Flip {
  readonly imageShape: readonly number[];
  readonly flipped: readonly number[];
}

function copyFlipped(from: Float32Array, into: Float32Array, { imageShape, flipped }: Flip): void {
  if (flipped.length === 0) {
    into.set(from);
    return;
  }
  // The channel axis comes before those of space.
  const mirrored = imageShape.map((_, axis) => flipped.includes(axis - 1));
  const place = imageShape.map(() => 0);
  for (let i = 0; i < from.length; i++) {
    let at = 0;
    for (const [axis, size] of imageShape.entries()) {
      const along = place[axis] as number;
      at = at * size + (mirrored[axis] ? size - 1 - along : along);
    }
    into[at] = from[i] as number;
    for (let axis = imageShape.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1;
      if ((place[axis] as number) < (imageShape[axis] as number)) break;
      place[axis] = 0;
    }
  }
}

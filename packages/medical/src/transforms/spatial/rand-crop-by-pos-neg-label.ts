import type { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { type PerAxis, sizePerAxis } from '../axis-values.ts';
import { findArray, mapAxes, type Sample } from '../sample.ts';
import type { Transform } from '../transform.ts';
import { cropBetween } from './crop.ts';

export interface RandCropByPosNegLabelOptions {
  readonly labelKey: string;
  readonly spatialSize: PerAxis;
  /** Weight of boxes about a foreground voxel. Default: 1. */
  readonly pos?: number;
  /** Weight of boxes about a background voxel. Default: 1. */
  readonly neg?: number;
  /** Takes an image's voxels above `imageThreshold` only as background. */
  readonly imageKey?: string;
  readonly imageThreshold?: number;
}

/**
 * Cuts a box about a random foreground or background voxel, moved to lie inside; an axis shorter than it stays whole.
 *
 * MONAI returns `num_samples` boxes at once; here each application draws one.
 *
 * @throws INVALID_ARGUMENT when `pos` and `neg` are no weights
 */
export function randCropByPosNegLabel(options: RandCropByPosNegLabelOptions): Transform {
  const { pos = 1, neg = 1 } = options;
  if (!(pos >= 0 && neg >= 0 && pos + neg > 0))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'pos and neg',
      got: [pos, neg],
      expected: 'weights, not both 0',
    });
  return {
    name: 'RandCropByPosNegLabel',
    options,
    readsVoxels: true,
    decide(random, { size }, sample) {
      const wanted = random.uniform() < pos / (pos + neg);
      const index =
        drawVoxel(random, wanted, membership(sample, options)) ?? Math.floor((size[0] * size[1] * size[2]) / 2);
      const [, height, width] = size;
      const center = [Math.floor(index / (height * width)), Math.floor(index / width) % height, index % width] as const;
      const roi = sizePerAxis(options.spatialSize, size, 'spatialSize');
      const roiSize = mapAxes((axis) => Math.min(roi[axis], size[axis]));
      const start = mapAxes((axis) =>
        Math.min(Math.max(center[axis] - Math.floor(roiSize[axis] / 2), 0), size[axis] - roiSize[axis]),
      );
      return cropBetween('RandCropByPosNegLabel', size, { start, end: mapAxes((axis) => start[axis] + roiSize[axis]) });
    },
  };
}

interface Membership {
  readonly count: number;
  /** Whether a voxel counts as foreground (true) or background (false); it may be neither. */
  readonly fits: (index: number, foreground: boolean) => boolean;
}

function membership(sample: Sample, options: RandCropByPosNegLabelOptions): Membership {
  const { data } = findArray({ images: {}, labels: sample.labels }, options.labelKey);
  const image = options.imageKey === undefined ? undefined : findArray(sample, options.imageKey).data;
  const threshold = options.imageThreshold ?? 0;
  const fits = (i: number, foreground: boolean): boolean =>
    foreground ? (data[i] as number) > 0 : data[i] === 0 && (!image || (image[i] as number) > threshold);
  return { count: data.length, fits };
}

/** A voxel of the kind wanted, else of the other, else null. Two walks need no list of all candidates. */
function drawVoxel(random: Random, foreground: boolean, { count, fits }: Membership): number | null {
  for (const kind of [foreground, !foreground]) {
    let candidates = 0;
    for (let i = 0; i < count; i++) if (fits(i, kind)) candidates++;
    if (candidates === 0) continue;
    let left = random.integer(candidates);
    for (let i = 0; i < count; i++) if (fits(i, kind) && left-- === 0) return i;
  }
  return null;
}

import { VesaliusError } from '@vesalius/errors';
import { type PerAxis, perAxis, sizePerAxis } from '../axis-values.ts';
import {
  type ImageArray,
  type ImageVoxels,
  type LabelVoxels,
  mapAxes,
  type Sample,
  type Size,
  sizeOf,
} from '../sample.ts';
import type { Transform } from '../transform.ts';
import { cutBox } from './box.ts';
import { cropBetween } from './crop.ts';
import { type PadOptions, paddingOf } from './pad.ts';

export interface CropForegroundOptions extends PadOptions {
  /** The image or label map that says where the foreground is. */
  readonly sourceKey: string;
  /** Values above it are foreground. Default: 0. */
  readonly threshold?: number;
  /** Voxels added on each side. Default: 0. */
  readonly margin?: PerAxis;
  /** Cuts the margin off at the image's edge instead of padding. Default: false. */
  readonly allowSmaller?: boolean;
  /** Rounds the size up to multiples. Default: 1. */
  readonly kDivisible?: PerAxis;
}

/**
 * Cuts out the smallest box that holds the foreground; a sample without any stays whole.
 *
 * @parity monai.transforms.CropForeground(margin, allow_smaller, k_divisible, mode)
 */
export function cropForeground(options: CropForegroundOptions): Transform {
  return {
    name: 'CropForeground',
    options,
    readsVoxels: true,
    decide(_random, { size }, sample) {
      const source = find(sample, options.sourceKey);
      const box = boundingBox(source, options.threshold ?? 0);
      if (!box) return null;
      const margin = perAxis(options.margin ?? 0, size, { what: 'margin', still: 0 });
      const k = perAxis(options.kDivisible ?? 1, size, { what: 'kDivisible', still: 1 });
      const limit = (value: number, axis: 0 | 1 | 2): number =>
        options.allowSmaller ? Math.min(Math.max(value, 0), size[axis]) : value;
      const start = mapAxes((axis) => limit(box.first[axis] - margin[axis], axis));
      const length = mapAxes((axis) => limit(box.last[axis] + margin[axis] + 1, axis) - start[axis]);
      const outputSize = mapAxes((axis) => Math.ceil(length[axis] / k[axis]) * k[axis]);
      const shifted = mapAxes((axis) => start[axis] - Math.floor((outputSize[axis] - length[axis]) / 2));
      return cutBox('CropForeground', size, { start: shifted, outputSize, padding: paddingOf(options) });
    },
  };
}

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
      const candidates = candidatesOf(sample, options);
      const other = candidates(wanted).length === 0 ? !wanted : wanted;
      const indices = candidates(other);
      const index = indices[random.integer(Math.max(indices.length, 1))] ?? 0;
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

/** Indices of the voxels in the foreground (true) or background (false). */
function candidatesOf(sample: Sample, options: RandCropByPosNegLabelOptions): (foreground: boolean) => Uint32Array {
  const { data } = find({ images: {}, labels: sample.labels }, options.labelKey);
  const image = options.imageKey === undefined ? undefined : find(sample, options.imageKey).data;
  const threshold = options.imageThreshold ?? 0;
  return (foreground) => {
    const fits = (i: number): boolean =>
      foreground ? (data[i] as number) > 0 : data[i] === 0 && (!image || (image[i] as number) > threshold);
    let count = 0;
    for (let i = 0; i < data.length; i++) if (fits(i)) count++;
    const indices = new Uint32Array(count);
    for (let i = data.length - 1; i >= 0; i--) if (fits(i)) indices[--count] = i;
    return indices;
  };
}

function find(sample: Sample, key: string): ImageArray<ImageVoxels | LabelVoxels> {
  const array = sample.images[key] ?? sample.labels[key];
  if (array) return array;
  const expected = [...Object.keys(sample.images), ...Object.keys(sample.labels)].join(', ');
  throw new VesaliusError('UNKNOWN_OPTION', { what: 'key of an image or label map', got: key, expected });
}

function boundingBox(
  source: ImageArray<ImageVoxels | LabelVoxels>,
  threshold: number,
): { first: Size; last: Size } | null {
  const [depth, height, width] = sizeOf(source);
  const first = [depth, height, width] as [number, number, number];
  const last: [number, number, number] = [-1, -1, -1];
  for (let i = 0; i < source.data.length; i++) {
    if (!((source.data[i] as number) > threshold)) continue;
    const at = [Math.floor(i / (height * width)) % depth, Math.floor(i / width) % height, i % width] as const;
    for (const axis of [0, 1, 2] as const) {
      first[axis] = Math.min(first[axis], at[axis]);
      last[axis] = Math.max(last[axis], at[axis]);
    }
  }
  return last[0] < 0 ? null : { first, last };
}

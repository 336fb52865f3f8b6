import { VesaliusError } from '@vesalius/errors';
import { type PerAxis, sizePerAxis } from '../axis-values.ts';
import { mapAxes, type Size } from '../sample.ts';
import type { Transform } from '../transform.ts';
import { cutBox } from './box.ts';
import type { Vector } from './matrix.ts';
import { type MethodOption, type PadOptions, paddingOf } from './pad.ts';

/** Cut to the image where larger. */
type Roi =
  | { readonly roiCenter: Vector; readonly roiSize: Size }
  | { readonly roiStart: Vector; readonly roiEnd: Vector };

/**
 * Cuts a box out, given by its centre and size or by its first voxel and the one after its last.
 *
 * @parity monai.transforms.SpatialCrop(roi_center, roi_size, roi_start, roi_end)
 */
export function spatialCrop(options: Roi): Transform {
  const { start, end } = limits(options);
  return {
    name: 'SpatialCrop',
    options,
    decide: (_random, { size }) => cropBetween('SpatialCrop', size, { start, end }),
  };
}

/**
 * Cuts `roiSize` voxels out of the middle; -1 keeps an axis, and an axis that is shorter stays as it is.
 *
 * @parity monai.transforms.CenterSpatialCrop(roi_size)
 */
export function centerSpatialCrop(options: { readonly roiSize: PerAxis }): Transform {
  return {
    name: 'CenterSpatialCrop',
    options,
    decide(_random, { size }) {
      const start = centeredStart(size, sizePerAxis(options.roiSize, size, 'roiSize'));
      return cropBetween('CenterSpatialCrop', size, start);
    },
  };
}

export interface RandSpatialCropOptions {
  readonly roiSize: PerAxis;
  /** With `randomSize`: the largest box. Default: the image. */
  readonly maxRoiSize?: PerAxis;
  /** Default: true; else the middle. */
  readonly randomCenter?: boolean;
  /** Draws the size between `roiSize` and `maxRoiSize`. Default: false, as MONAI has it since 1.1. */
  readonly randomSize?: boolean;
}

/**
 * Cuts a box out of a random place.
 *
 * @throws INVALID_ARGUMENT when `roiSize` is larger than `maxRoiSize`
 */
export function randSpatialCrop(options: RandSpatialCropOptions): Transform {
  return {
    name: 'RandSpatialCrop',
    options,
    decide(random, { size }) {
      const least = sizePerAxis(options.roiSize, size, 'roiSize');
      const most = options.randomSize ? sizePerAxis(options.maxRoiSize ?? -1, size, 'maxRoiSize') : least;
      const wrong = least.some((n, axis) => n > (most[axis] as number));
      if (wrong)
        throw new VesaliusError('INVALID_ARGUMENT', { what: 'roiSize', got: least, expected: `at most ${most}` });
      const roi = mapAxes((axis) => Math.min(size[axis], least[axis] + random.integer(most[axis] - least[axis] + 1)));
      if (options.randomCenter === false) return cropBetween('RandSpatialCrop', size, centeredStart(size, roi));
      const start = mapAxes((axis) => random.integer(size[axis] - roi[axis] + 1));
      return cutBox('RandSpatialCrop', size, { start, outputSize: roi });
    },
  };
}

/**
 * Crops or pads, about the middle, to exactly `spatialSize`.
 *
 * @parity monai.transforms.ResizeWithPadOrCrop(spatial_size, method, mode)
 */
export function resizeWithPadOrCrop(options: PadOptions & MethodOption & { readonly spatialSize: PerAxis }): Transform {
  return {
    name: 'ResizeWithPadOrCrop',
    options,
    decide(_random, { size }) {
      const outputSize = sizePerAxis(options.spatialSize, size, 'spatialSize');
      const crop = centeredStart(size, outputSize).start;
      const pad = (axis: 0 | 1 | 2): number =>
        options.method === 'end' ? 0 : Math.floor((outputSize[axis] - size[axis]) / 2);
      const start = mapAxes((axis) => (outputSize[axis] > size[axis] ? 0 - pad(axis) : crop[axis]));
      return cutBox('ResizeWithPadOrCrop', size, { start, outputSize, padding: paddingOf(options) });
    },
  };
}

interface Limits {
  readonly start: Vector;
  readonly end: Vector;
}

function limits(roi: Roi): Limits {
  if ('roiStart' in roi) return { start: roi.roiStart, end: roi.roiEnd };
  const start = mapAxes((axis) => roi.roiCenter[axis] - Math.floor(roi.roiSize[axis] / 2));
  return { start, end: mapAxes((axis) => start[axis] + roi.roiSize[axis]) };
}

/** The box of `roi` voxels about the voxel `size / 2`, rounded down: the convention of MONAI's crops. */
export function centeredStart(size: Size, roi: Size): Limits {
  return limits({ roiCenter: mapAxes((axis) => Math.floor(size[axis] / 2)), roiSize: roi });
}

/** The part of the box that lies in the image. */
export function cropBetween(name: string, size: Size, { start, end }: Limits): ReturnType<typeof cutBox> {
  const from = mapAxes((axis) => Math.min(Math.max(start[axis], 0), size[axis]));
  const outputSize = mapAxes((axis) => Math.min(Math.max(end[axis], from[axis]), size[axis]) - from[axis]);
  if (outputSize.some((n) => n < 1))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: `box of ${name}, first voxel`,
      got: start,
      expected: `inside ${size}`,
    });
  return cutBox(name, size, { start: from, outputSize });
}

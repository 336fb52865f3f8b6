import { type PerAxis, perAxis, sizePerAxis } from '../axis-values.ts';
import { mapAxes, type Size } from '../sample.ts';
import { type ProbabilityOption, randomTransform, type Transform } from '../transform.ts';
import { centeredStart } from './crop.ts';
import { multiply, scaleAndShift, type Vector } from './matrix.ts';
import type { PadOptions } from './pad.ts';
import { paddingOf } from './pad.ts';
import type { Interpolation, SpatialTransform } from './spatial-transform.ts';

export interface ModeOption {
  /** For images; label maps are always read by nearest neighbour. Default: linear. */
  readonly mode?: Interpolation;
}

/**
 * Stretches to `spatialSize`, outer sides on outer sides; no smoothing before.
 *
 * @parity monai.transforms.Resize(spatial_size, mode="trilinear")
 */
export function resize(options: ModeOption & { readonly spatialSize: PerAxis }): Transform {
  return {
    name: 'Resize',
    options,
    decide(_random, { size }) {
      const outputSize = sizePerAxis(options.spatialSize, size, 'spatialSize');
      return outputSize.every((n, axis) => n === size[axis])
        ? null
        : stretch('Resize', size, { outputSize, ...options });
    },
  };
}

/**
 * Resamples to voxels of `pixdim` millimetres along z, y, x (2-D: y, x), first voxel on first voxel; 0 keeps an axis.
 *
 * @parity monai.transforms.Spacing(pixdim, mode)
 */
export function spacing(options: ModeOption & { readonly pixdim: PerAxis }): Transform {
  return {
    name: 'Spacing',
    options,
    decide(_random, { size, spacingMm }) {
      const wanted = perAxis(options.pixdim, size, { what: 'pixdim', still: 0 });
      const step = mapAxes((axis) => (wanted[axis] > 0 ? wanted[axis] / spacingMm[(2 - axis) as 0 | 1 | 2] : 1));
      if (step.every((value) => Math.abs(value - 1) < 1e-6)) return null;
      const outputSize = mapAxes((axis) => roundHalfToEven((size[axis] - 1) / step[axis]) + 1);
      return enlarged('Spacing', size, { outputSize, scale: step, shift: [0, 0, 0], mode: options.mode });
    },
  };
}

export interface ZoomOptions extends ModeOption {
  /** Above 1 enlarges. */
  readonly zoom: PerAxis;
  /** Crops or pads back to the size. Default: true. */
  readonly keepSize?: boolean;
  /** What surrounds a shrunken image. Default: edge. */
  readonly paddingMode?: PadOptions['mode'];
}

/**
 * Enlarges or shrinks about the middle.
 *
 * @parity monai.transforms.Zoom(zoom, keep_size, mode="trilinear")
 */
export function zoom(options: ZoomOptions): Transform {
  return { name: 'Zoom', options, decide: (_random, { size }) => zoomRecord('Zoom', size, options) };
}

export interface RandZoomOptions extends Omit<ZoomOptions, 'zoom'>, ProbabilityOption {
  /** One number zooms all axes alike. Default: 0.9. */
  readonly minZoom?: PerAxis;
  /** Default: 1.1. */
  readonly maxZoom?: PerAxis;
}

export function randZoom(options: RandZoomOptions = {}): Transform {
  const { minZoom = 0.9, maxZoom = 1.1 } = options;
  return randomTransform('RandZoom', options, (random, { size }) => {
    const low = perAxis(minZoom, size, { what: 'minZoom', still: 1 });
    const high = perAxis(maxZoom, size, { what: 'maxZoom', still: 1 });
    const alike = typeof minZoom === 'number' && typeof maxZoom === 'number';
    const drawn = alike
      ? random.uniform(minZoom, maxZoom)
      : mapAxes((axis) => (low[axis] === high[axis] ? low[axis] : random.uniform(low[axis], high[axis])));
    return zoomRecord('RandZoom', size, { ...options, zoom: drawn });
  });
}

function zoomRecord(name: string, size: Size, options: ZoomOptions): SpatialTransform {
  const factor = perAxis(options.zoom, size, { what: 'zoom', still: 1 });
  const zoomed = mapAxes((axis) => Math.max(1, Math.floor(size[axis] * factor[axis])));
  const stretched = stretch(name, size, { outputSize: zoomed, mode: options.mode });
  if (options.keepSize === false) return stretched;
  const crop = centeredStart(zoomed, size).start;
  const start = mapAxes((axis) =>
    zoomed[axis] >= size[axis] ? crop[axis] : -Math.floor((size[axis] - zoomed[axis]) / 2),
  );
  return {
    ...stretched,
    outputSize: size,
    matrix: multiply(stretched.matrix, scaleAndShift([1, 1, 1], start)),
    padding: paddingOf({ mode: options.paddingMode ?? 'edge' }),
  };
}

function stretch(
  name: string,
  size: Size,
  { outputSize, mode }: { readonly outputSize: Size; readonly mode?: Interpolation | undefined },
): SpatialTransform {
  const scale = mapAxes((axis) => size[axis] / outputSize[axis]);
  return enlarged(name, size, { outputSize, scale, shift: mapAxes((axis) => (scale[axis] - 1) / 2), mode });
}

interface Enlargement {
  readonly outputSize: Size;
  readonly scale: Vector;
  readonly shift: Vector;
  readonly mode?: Interpolation | undefined;
}

function enlarged(
  name: string,
  inputSize: Size,
  { outputSize, scale, shift, mode = 'linear' }: Enlargement,
): SpatialTransform {
  const matrix = scaleAndShift(scale, shift);
  return { kind: 'spatial', name, inputSize, outputSize, matrix, interpolation: mode, padding: { mode: 'edge' } };
}

function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

import { VesaliusError } from '@vesalius/errors';

/** Channels, then voxels along z, y, x; x fastest in memory. A 2-D image has one voxel along z. */
export type Shape = readonly [channels: number, depth: number, height: number, width: number];

/** Voxels along z, y, x: the order of a network's tensors and of MONAI's array axes. */
export type Size = readonly [depth: number, height: number, width: number];

export type ImageVoxels = Float32Array;
export type LabelVoxels = Uint8Array | Int16Array;

/** Channel-first voxels on their way to or from a network. */
export interface ImageArray<V extends ImageVoxels | LabelVoxels = ImageVoxels> {
  readonly data: V;
  readonly shape: Shape;
  /** x, y, z */
  readonly spacingMm: readonly [number, number, number];
}

/** One case on its way to the network: named images and label maps, all on one grid. */
export interface Sample {
  readonly images: Readonly<Record<string, ImageArray>>;
  readonly labels: Readonly<Record<string, ImageArray<LabelVoxels>>>;
}

/** What all arrays of a sample share. */
export interface SampleGrid {
  readonly size: Size;
  /** x, y, z */
  readonly spacingMm: readonly [number, number, number];
}

export function sizeOf({ shape }: { readonly shape: Shape }): Size {
  return [shape[1], shape[2], shape[3]];
}

/**
 * The grid that all arrays of a sample share.
 *
 * @throws GEOMETRY_MISMATCH when they differ in size, INVALID_ARGUMENT when there is none, SHAPE_MISMATCH when data does not fill its shape
 */
export function gridOf(sample: Sample): SampleGrid {
  const arrays = [...Object.entries(sample.images), ...Object.entries(sample.labels)];
  const [, first] = arrays[0] ?? [];
  if (!first) throw new VesaliusError('INVALID_ARGUMENT', { what: 'sample without images or labels' });
  const size = sizeOf(first);
  for (const [key, array] of arrays) {
    const { shape, data } = array;
    const count = shape[0] * shape[1] * shape[2] * shape[3];
    if (data.length !== count)
      throw new VesaliusError('SHAPE_MISMATCH', { what: `voxels of ${key}`, got: data.length, expected: count });
    if (!sizeOf(array).every((n, axis) => n === size[axis]))
      throw new VesaliusError('GEOMETRY_MISMATCH', { what: `size of ${key}`, got: sizeOf(array), expected: size });
  }
  return { size, spacingMm: first.spacingMm };
}

/** The axes (0 = z, 1 = y, 2 = x) that have more than one voxel to move along: y and x only for a 2-D image. */
export function spatialAxes(size: Size): readonly number[] {
  return size[0] === 1 ? [1, 2] : [0, 1, 2];
}

/** A value for each of z, y, x. */
export function mapAxes(value: (axis: 0 | 1 | 2) => number): [number, number, number] {
  return [value(0), value(1), value(2)];
}

/** @throws UNKNOWN_OPTION when neither an image nor a label map has that name */
export function findArray(sample: Sample, key: string): ImageArray<ImageVoxels | LabelVoxels> {
  const array = sample.images[key] ?? sample.labels[key];
  if (array) return array;
  const expected = [...Object.keys(sample.images), ...Object.keys(sample.labels)].join(', ');
  throw new VesaliusError('UNKNOWN_OPTION', { what: 'key of an image or label map', got: key, expected });
}

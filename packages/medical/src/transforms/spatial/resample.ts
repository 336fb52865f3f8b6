import { VesaliusError } from '@vesalius/errors';
import { type ImageArray, type ImageVoxels, type LabelVoxels, type Sample, sizeOf } from '../sample.ts';
import { copyExact } from './copy-exact.ts';
import { createDisplacementField } from './displacement-field.ts';
import { columnLengths, isExact } from './matrix.ts';
import { createRow, fillRow } from './row-coordinates.ts';
import { type Source, sampleRowLinear, sampleRowNearest } from './sample-row.ts';
import type { SpatialTransform } from './spatial-transform.ts';

/** Applies a spatial transform to every image and label map; the coordinates are worked out once for all. */
export function resample(sample: Sample, transform: SpatialTransform): Sample {
  const { matrix, padding, warp } = transform;
  const outside = padding?.mode === 'constant' ? padding.value : 0;
  const exact = isExact(matrix) && !warp;
  const linear = transform.interpolation === 'linear' && !exact;
  const jobs: Job[] = [];
  function prepare<V extends ImageVoxels | LabelVoxels>(
    image: ImageArray<V>,
    key: string,
    job: (target: V) => Job,
  ): ImageArray<V> {
    const target = emptied(image, transform, key);
    if (exact && !padding) copyExact(image, target, matrix);
    else jobs.push(job(target.data));
    return target;
  }
  const images = mapValues(sample.images, (image, key) =>
    prepare(image, key, (target) => (linear ? linearJob(image, target, outside) : nearestJob(image, target, outside))),
  );
  const labels = mapValues(sample.labels, (label, key) =>
    prepare(label, key, (target) => nearestJob(label, target, 0)),
  );
  if (jobs.length > 0) walkRows(transform, jobs);
  return { images, labels };
}

/** Reads one row of one array, all channels. */
type Job = (row: ReturnType<typeof createRow>, offset: number) => void;

function walkRows(transform: SpatialTransform, jobs: readonly Job[]): void {
  const [depth, height, width] = transform.outputSize;
  const row = createRow(width);
  const rule = { transform, ...(transform.warp && { field: createDisplacementField(transform.warp) }) };
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      fillRow(row, { z, y }, rule);
      for (const job of jobs) job(row, (z * height + y) * width);
    }
  }
}

function linearJob(image: ImageArray, target: Float32Array, outside: number): Job {
  const sources = channels(image, outside);
  return (row, offset) => {
    for (const [c, source] of sources.entries())
      sampleRowLinear(source, row, target, offset + (c * target.length) / sources.length);
  };
}

function nearestJob<V extends ImageVoxels | LabelVoxels>(image: ImageArray<V>, target: V, outside: number): Job {
  const sources = channels(image, outside);
  return (row, offset) => {
    for (const [c, source] of sources.entries())
      sampleRowNearest(source, row, target, offset + (c * target.length) / sources.length);
  };
}

function channels<V extends ImageVoxels | LabelVoxels>(image: ImageArray<V>, outside: number): Source<V>[] {
  const size = sizeOf(image);
  const count = size[0] * size[1] * size[2];
  return Array.from({ length: image.shape[0] }, (_, c) => ({ data: image.data, start: c * count, size, outside }));
}

function emptied<V extends ImageVoxels | LabelVoxels>(
  image: ImageArray<V>,
  transform: SpatialTransform,
  key: string,
): ImageArray<V> {
  if (!sizeOf(image).every((n, axis) => n === transform.inputSize[axis])) {
    const { name, inputSize } = transform;
    throw new VesaliusError('GEOMETRY_MISMATCH', {
      what: `size of ${key} for ${name}`,
      got: sizeOf(image),
      expected: inputSize,
    });
  }
  const [depth, height, width] = transform.outputSize;
  const shape = [image.shape[0], depth, height, width] as const;
  const length = shape[0] * depth * height * width;
  const data = new (image.data.constructor as new (length: number) => V)(length);
  return { data, shape, spacingMm: spacingAfter(image.spacingMm, transform) };
}

/** @returns x, y, z */
export function spacingAfter(
  spacingMm: readonly [number, number, number],
  { matrix }: Pick<SpatialTransform, 'matrix'>,
): [number, number, number] {
  const [z, y, x] = columnLengths(matrix, [spacingMm[2], spacingMm[1], spacingMm[0]]);
  return [x, y, z];
}

export function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

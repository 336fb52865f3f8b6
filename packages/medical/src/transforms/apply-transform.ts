import { VesaliusError } from '@vesalius/errors';
import { INTENSITY_OPERATIONS } from './intensity/intensity-operations.ts';
import { LABEL_OPERATIONS } from './label/label-operations.ts';
import type { ImageArray, ImageVoxels, LabelVoxels, Sample } from './sample.ts';
import { mapValues, resample } from './spatial/resample.ts';
import type { AppliedTransform, IntensityTransform, LabelTransform } from './transform.ts';

/**
 * Does to a sample what a record says.
 *
 * @throws UNKNOWN_OPTION when an operation or key is not known, GEOMETRY_MISMATCH when the size is not the recorded one
 */
export function applyTransform(sample: Sample, applied: AppliedTransform): Sample {
  if (applied.kind === 'spatial') return resample(sample, applied);
  if (applied.kind === 'intensity') {
    const operation = find(INTENSITY_OPERATIONS, applied);
    return {
      ...sample,
      images: changed(sample.images, applied, (image, key) => operation.run(image, applied.options as never, key)),
    };
  }
  const operation = find(LABEL_OPERATIONS, applied);
  return {
    ...sample,
    labels: changed(sample.labels, applied, (label) => operation.run(label, applied.options as never)),
  };
}

/** Does again what was done: the same sample gives the same bytes. */
export function replay(sample: Sample, applied: readonly AppliedTransform[]): Sample {
  return applied.reduce(applyTransform, sample);
}

function find<O extends { readonly name: string }>(operations: readonly O[], { name }: AppliedTransform): O {
  const operation = operations.find((candidate) => candidate.name === name);
  if (!operation) {
    const expected = operations.map((candidate) => candidate.name).join(', ');
    throw new VesaliusError('UNKNOWN_OPTION', { what: 'transform to apply', got: name, expected });
  }
  return operation;
}

function changed<V extends ImageVoxels | LabelVoxels>(
  arrays: Readonly<Record<string, ImageArray<V>>>,
  { keys, name }: IntensityTransform | LabelTransform,
  change: (array: ImageArray<V>, key: string) => ImageArray<V>,
): Record<string, ImageArray<V>> {
  const unknown = keys?.find((key) => !(key in arrays));
  if (unknown !== undefined)
    throw new VesaliusError('UNKNOWN_OPTION', {
      what: `key of ${name}`,
      got: unknown,
      expected: Object.keys(arrays).join(', '),
    });
  return mapValues(arrays, (array, key) => (!keys || keys.includes(key) ? change(array, key) : array));
}

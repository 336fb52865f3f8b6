import { VesaliusError } from '@vesalius/errors';
import type { ImageArray, LabelVoxels } from '../sample.ts';
import type { KeysOption, LabelTransform, Transform } from '../transform.ts';
import { oneHot } from './as-discrete.ts';

/** A change of label values that depends on its options (plain JSON) and the label map alone. */
export interface LabelOperation<O extends object> {
  readonly name: string;
  run(label: ImageArray<LabelVoxels>, options: O): ImageArray<LabelVoxels>;
}

export interface MapLabelValueOptions {
  readonly origLabels: readonly number[];
  readonly targetLabels: readonly number[];
}

const MAP_LABEL_VALUE: LabelOperation<MapLabelValueOptions> = {
  name: 'MapLabelValue',
  run(label, { origLabels, targetLabels }) {
    const table = new Map(origLabels.map((value, i) => [value, targetLabels[i] as number]));
    return { ...label, data: label.data.map((value) => table.get(value) ?? value) };
  },
};

/**
 * Puts other numbers in place of label values; values that are not named stay.
 *
 * @throws INVALID_ARGUMENT when the lists differ in length
 * @parity monai.transforms.MapLabelValue(orig_labels, target_labels)
 */
export function mapLabelValue(options: MapLabelValueOptions & KeysOption): Transform {
  const { origLabels, targetLabels, keys } = options;
  if (origLabels.length !== targetLabels.length)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'targetLabels',
      got: targetLabels,
      expected: `as many as ${origLabels}`,
    });
  return alwaysLabel(MAP_LABEL_VALUE, { origLabels, targetLabels }, keys);
}

const LABEL_TO_ONEHOT: LabelOperation<{ readonly numClasses: number }> = {
  name: 'LabelToOnehot',
  run: (label, { numClasses }) => oneHot(label, numClasses),
};

/** One channel of 0 and 1 for each class, in place of class numbers: `[1, D, H, W]` to `[numClasses, D, H, W]`. */
export function labelToOnehot(options: { readonly numClasses: number } & KeysOption): Transform {
  return alwaysLabel(LABEL_TO_ONEHOT, { numClasses: options.numClasses }, options.keys);
}

/** Every operation that a label record may name. */
export const LABEL_OPERATIONS: readonly LabelOperation<never>[] = [MAP_LABEL_VALUE, LABEL_TO_ONEHOT];

function alwaysLabel<O extends object>(
  { name }: LabelOperation<O>,
  options: O,
  keys: readonly string[] | undefined,
): Transform {
  const record: LabelTransform = { kind: 'label', name, ...(keys && { keys }), options };
  return { name, options: { ...options, ...(keys && { keys }) }, decide: () => record };
}

import { VesaliusError } from '@vesalius/errors';
import type { ImageArray, ImageVoxels, LabelVoxels } from '../sample.ts';

export interface AsDiscreteOptions {
  /** Takes the number of the channel with the highest value; the first where several are equal. */
  readonly argmax?: boolean;
  /** Number of classes: makes one channel each. */
  readonly toOnehot?: number;
  /** 1 where the value is at least this, else 0. */
  readonly threshold?: number;
}

/**
 * Turns a network's output into labels: argmax, then one-hot, then threshold, each where asked for.
 *
 * @param prediction - `[C, D, H, W]` logits or probabilities
 * @throws LABEL_OUT_OF_RANGE when a class number is not below `toOnehot`, SHAPE_MISMATCH when channels do not fit
 * @parity monai.transforms.AsDiscrete(argmax, to_onehot, threshold)
 */
export function asDiscrete(prediction: ImageArray, options: AsDiscreteOptions): ImageArray<Uint8Array> {
  const { argmax, toOnehot, threshold } = options;
  const discrete = argmax ? highestChannel(prediction) : prediction;
  const coded = toOnehot === undefined ? discrete : oneHot(discrete, toOnehot);
  const data = Uint8Array.from(
    coded.data,
    threshold === undefined ? undefined : (value) => (value >= threshold ? 1 : 0),
  );
  return { ...coded, data };
}

function highestChannel({ data, shape, spacingMm }: ImageArray): ImageArray<Uint8Array> {
  const [channels, depth, height, width] = shape;
  if (channels > 256)
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'channels for argmax', got: channels, expected: 'at most 256' });
  const count = depth * height * width;
  const best = data.slice(0, count);
  const result = new Uint8Array(count);
  for (let c = 1; c < channels; c++) {
    for (let i = 0, j = c * count; i < count; i++, j++) {
      if ((data[j] as number) > (best[i] as number)) {
        best[i] = data[j] as number;
        result[i] = c;
      }
    }
  }
  return { data: result, shape: [1, depth, height, width], spacingMm };
}

/** @throws LABEL_OUT_OF_RANGE, SHAPE_MISMATCH */
export function oneHot(label: ImageArray<ImageVoxels | LabelVoxels>, classes: number): ImageArray<Uint8Array> {
  const [channels, depth, height, width] = label.shape;
  if (channels !== 1)
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'channels for one-hot', got: channels, expected: 1 });
  const count = label.data.length;
  const data = new Uint8Array(classes * count);
  for (let i = 0; i < count; i++) {
    const value = label.data[i] as number;
    if (!(Number.isInteger(value) && value >= 0 && value < classes))
      throw new VesaliusError('LABEL_OUT_OF_RANGE', {
        what: 'class number',
        got: value,
        expected: `0 to ${classes - 1}`,
      });
    data[value * count + i] = 1;
  }
  return { data, shape: [classes, depth, height, width], spacingMm: label.spacingMm };
}

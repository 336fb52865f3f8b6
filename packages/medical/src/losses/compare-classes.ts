import { ops as $, range, sameShape, type Tensor } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';

/** How predictions and targets become two tensors of the same shape, one channel a class. */
export interface ClassOptions {
  /** Sigmoid of the prediction. */
  readonly sigmoid?: boolean;
  /** Softmax of the prediction over its channels. */
  readonly softmax?: boolean;
  /** The target holds class numbers `[B, 1, ...S]`. */
  readonly toOnehotY?: boolean;
  /** Whether channel 0 counts. */
  readonly includeBackground?: boolean;
}

export interface ClassComparison {
  /** `[B, C, ...S]` */
  readonly prediction: Tensor;
  /** Of the prediction's shape and element type. */
  readonly target: Tensor;
}

/**
 * Applies the class options to both sides.
 *
 * @throws SHAPE_MISMATCH when target and prediction do not fit
 * @throws INVALID_ARGUMENT when options contradict one another or need more than one channel
 */
export function compareClasses(prediction: Tensor, target: Tensor, options: ClassOptions): ClassComparison {
  const { sigmoid = false, softmax = false, toOnehotY = false, includeBackground = true } = options;
  const classes = prediction.shape[1] as number;
  refuse(sigmoid && softmax, 'loss options', 'sigmoid and softmax', 'one of them');
  refuse(classes === 1 && softmax, 'softmax over channels', '1 channel', '2 or more, or sigmoid');
  refuse(classes === 1 && !includeBackground, 'includeBackground false', '1 channel', '2 or more');
  const activated = sigmoid ? $.sigmoid(prediction) : softmax ? $.exp($.logSoftmax(prediction, 1)) : prediction;
  const expected = toOnehotY && classes > 1 ? oneHotTarget(target, prediction) : $.cast(target, prediction.dtype);
  if (!sameShape(expected.shape, prediction.shape)) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'target of the loss (class numbers in one channel need toOnehotY)',
      got: target.shape,
      expected: prediction.shape,
    });
  }
  if (includeBackground) return { prediction: activated, target: expected };
  return { prediction: $.sliceAxis(activated, 1, 1, classes), target: $.sliceAxis(expected, 1, 1, classes) };
}

function refuse(wrong: boolean, what: string, got: string, expected: string): void {
  if (wrong) throw new VesaliusError('INVALID_ARGUMENT', { what, got, expected });
}

/**
 * Class numbers as one channel a class; a number outside the classes belongs to none.
 *
 * @param target - `[B, 1, ...S]` class numbers of any element type
 * @param prediction - `[B, C, ...S]`, gives shape and element type
 * @returns `[B, C, ...S]`
 * @throws SHAPE_MISMATCH when the sizes differ
 */
export function oneHotTarget(target: Tensor, prediction: Tensor): Tensor {
  const { shape, dtype } = prediction;
  if (!sameShape(target.shape, shape.with(1, 1))) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'class numbers of the target',
      got: target.shape,
      expected: shape.with(1, 1),
    });
  }
  const numbers = $.constant(
    range(shape[1] as number),
    shape.map((size, axis) => (axis === 1 ? size : 1)),
    dtype,
  );
  return $.cast($.equal($.cast(target, dtype), numbers), dtype);
}

/**
 * One weight a class, placed to broadcast over `[B, C, ...S]`.
 *
 * @throws SHAPE_MISMATCH when their number is not that of the channels
 */
export function classWeights(weight: readonly number[], { shape, dtype }: Tensor): Tensor {
  if (weight.length !== shape[1]) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'class weights of the loss',
      got: weight.length,
      expected: `${shape[1]}, one a class`,
    });
  }
  return $.constant(
    weight,
    shape.map((_, axis) => (axis === 1 ? weight.length : 1)),
    dtype,
  );
}

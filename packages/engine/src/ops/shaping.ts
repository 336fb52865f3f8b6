import { VesaliusError } from '@vesalius/errors';
import { broadcastShape, elementCount, positiveAxis, range, type Shape, sameShape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { applyOne, applyOp, only, sameDtype } from './apply-op.ts';
import { emitChannelSlice, emitConcat, emitSplit } from './lowering/channels.ts';
import type { OpRule } from './op-rule.ts';

interface SliceAttributes {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
}

interface SplitAttributes {
  readonly axis: number;
  readonly sizes: readonly number[];
}

/** Moving elements without changing them. Every axis is given in `slice` and `pad`. */
export const shapingRules = {
  reshape: {
    shape: ([x], attributes) => [{ shape: attributes['shape'] as Shape, dtype: only([x], 'reshape').dtype }],
    gradient: ({ inputs, outputGradients }, $) => [
      $.reshape(only(outputGradients, 'reshape'), only(inputs, 'reshape').shape),
    ],
    toOnnx: ({ inputs, attributes }, emit) => {
      const shape = attributes['shape'] as Shape;
      return [emit.node('Reshape', [emit.name(only(inputs, 'reshape')), emit.ints(shape)], { allowzero: 1 })];
    },
  },
  transpose: {
    shape: ([x], attributes) => {
      const { shape, dtype } = only([x], 'transpose');
      return [{ shape: (attributes['axes'] as number[]).map((axis) => shape[axis] as number), dtype }];
    },
    gradient: ({ node, outputGradients }, $) => {
      const axes = node.attributes['axes'] as number[];
      return [
        $.transpose(
          only(outputGradients, 'transpose'),
          range(axes.length).map((axis) => axes.indexOf(axis)),
        ),
      ];
    },
    toOnnx: ({ inputs, attributes }, emit) => [
      emit.node('Transpose', [emit.name(only(inputs, 'transpose'))], { perm: attributes['axes'] as number[] }),
    ],
  },
  broadcastTo: {
    shape: ([x], attributes) => {
      const { shape, dtype } = only([x], 'broadcastTo');
      const wanted = attributes['shape'] as Shape;
      if (!sameShape(broadcastShape('broadcastTo', shape, wanted), wanted)) {
        throw new VesaliusError('SHAPE_MISMATCH', { what: 'broadcastTo: shape', got: shape, expected: wanted });
      }
      return [{ shape: wanted, dtype }];
    },
    gradient: ({ inputs, outputGradients }, $) => [
      $.sumTo(only(outputGradients, 'broadcastTo'), only(inputs, 'broadcastTo').shape),
    ],
    toOnnx: ({ inputs, attributes }, emit) => [
      emit.node('Expand', [emit.name(only(inputs, 'broadcastTo')), emit.ints(attributes['shape'] as Shape)]),
    ],
  },
  slice: {
    shape: ([x], attributes) => [{ shape: attributes['sizes'] as Shape, dtype: only([x], 'slice').dtype }],
    gradient: ({ node, inputs, outputGradients }, $) => {
      const { starts, sizes, steps } = node.attributes as unknown as SliceAttributes;
      const { shape } = only(inputs, 'slice');
      return [$.unslice(only(outputGradients, 'slice'), shape, { starts, sizes, steps })];
    },
    toOnnx: ({ inputs, attributes }, emit) => {
      const { starts, sizes, steps } = attributes as unknown as SliceAttributes;
      const { shape } = only(inputs, 'slice');
      const blocked = emitChannelSlice(only(inputs, 'slice'), { starts, sizes, steps, emit });
      if (blocked) return [blocked];
      const axes = range(shape.length).filter((i) => sizes[i] !== shape[i] || steps[i] !== 1);
      const ends = axes.map((i) => sliceEnd(starts[i] as number, sizes[i] as number, steps[i] as number));
      const operands = [axes.map((i) => starts[i] as number), ends, axes, axes.map((i) => steps[i] as number)];
      return [emit.node('Slice', [emit.name(only(inputs, 'slice')), ...operands.map((o) => emit.ints(o))])];
    },
  },
  concat: {
    shape: (inputs, attributes) => {
      const { shape, dtype } = only(inputs, 'concat');
      const axis = attributes['axis'] as number;
      sameDtype('concat', inputs);
      for (const other of inputs) {
        if (!sameShape(other.shape.with(axis, 0), shape.with(axis, 0))) {
          throw new VesaliusError('SHAPE_MISMATCH', {
            what: `concat along axis ${axis}`,
            got: other.shape,
            expected: shape,
          });
        }
      }
      return [
        {
          shape: shape.with(
            axis,
            inputs.reduce((sum, x) => sum + (x.shape[axis] as number), 0),
          ),
          dtype,
        },
      ];
    },
    gradient: ({ node, inputs, outputGradients, needs }, $) => {
      const axis = node.attributes['axis'] as number;
      const dy = only(outputGradients, 'concat');
      let start = 0;
      return inputs.map((x, i) => {
        const size = x.shape[axis] as number;
        start += size;
        return needs(i) ? $.sliceAxis(dy, axis, start - size, start) : null;
      });
    },
    toOnnx: ({ inputs, attributes }, emit) => [emitConcat(inputs, attributes['axis'] as number, emit)],
  },
  split: {
    shape: ([x], attributes) => {
      const { axis, sizes } = attributes as unknown as SplitAttributes;
      const { shape, dtype } = only([x], 'split');
      return sizes.map((size) => ({ shape: shape.with(axis, size), dtype }));
    },
    gradient: ({ node, outputs, outputGradients }, $) => {
      const { axis } = node.attributes as unknown as SplitAttributes;
      return [
        $.concat(
          outputs.map((part, i) => outputGradients[i] ?? $.zerosLike(part)),
          axis,
        ),
      ];
    },
    toOnnx: ({ inputs, attributes }, emit) => {
      const { axis, sizes } = attributes as unknown as SplitAttributes;
      return emitSplit(only(inputs, 'split'), { axis, sizes, emit });
    },
  },
  pad: {
    shape: ([x], attributes) => {
      const { before, after } = attributes as { before: number[]; after: number[] };
      const { shape, dtype } = only([x], 'pad');
      return [{ shape: shape.map((size, i) => size + (before[i] as number) + (after[i] as number)), dtype }];
    },
    gradient: ({ node, inputs, outputGradients }, $) => {
      const { before, mode } = node.attributes as unknown as { before: number[]; mode: PadMode };
      if (mode !== 'constant') {
        throw new VesaliusError('NO_GRADIENT', { what: 'pad', got: `mode ${mode}`, expected: 'mode constant' });
      }
      return [$.slice(only(outputGradients, 'pad'), before, only(inputs, 'pad').shape)];
    },
    toOnnx: ({ inputs, attributes }, emit) => {
      const { before, after, mode, value } = attributes as {
        before: number[];
        after: number[];
        mode: PadMode;
        value: number;
      };
      const x = only(inputs, 'pad');
      const operands = [emit.name(x), emit.ints([...before, ...after])];
      if (mode === 'constant') operands.push(emit.scalar(value, x.dtype));
      return [emit.node('Pad', operands, { mode })];
    },
  },
} as const satisfies Record<string, OpRule>;

export type PadMode = 'constant' | 'reflect' | 'edge';

/** ONNX's exclusive end; a step backwards that takes the first element ends before it, written as the lowest number. */
function sliceEnd(start: number, size: number, step: number): number {
  const end = start + size * step;
  return end < 0 ? -Number.MAX_SAFE_INTEGER : end;
}

/**
 * The same elements in another shape; one size may be -1.
 *
 * @throws SHAPE_MISMATCH when the number of elements differs
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = elementCount(shape.filter((size) => size !== -1));
  const full = shape.map((size) => (size === -1 ? elementCount(x.shape) / known : size));
  if (elementCount(full) !== elementCount(x.shape) || !full.every(Number.isInteger)) {
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'reshape: elements', got: shape, expected: x.shape });
  }
  return sameShape(full, x.shape) ? x : applyOne('reshape', shapingRules.reshape, [x], { shape: full });
}

/** Axis i of the result is axis `axes[i]` of x; without axes all are reversed. */
export function transpose(x: Tensor, axes: readonly number[] = range(x.shape.length).reverse()): Tensor {
  const positive = axes.map((axis) => positiveAxis('transpose', axis, x.shape.length));
  if (new Set(positive).size !== x.shape.length) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'transpose: axes',
      got: axes,
      expected: `each of ${x.shape.length} once`,
    });
  }
  if (positive.every((axis, i) => axis === i)) return x;
  return applyOne('transpose', shapingRules.transpose, [x], { axes: positive });
}

export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : applyOne('broadcastTo', shapingRules.broadcastTo, [x], { shape });
}

/**
 * A box of x: along axis i the elements `starts[i] + k * steps[i]`, k < `sizes[i]`.
 *
 * @throws INVALID_ARGUMENT when the box leaves x
 */
export function slice(
  x: Tensor,
  starts: readonly number[],
  sizes: readonly number[],
  steps: readonly number[] = x.shape.map(() => 1),
): Tensor {
  for (const [axis, length] of x.shape.entries()) {
    const [start, size, step] = [starts[axis] ?? 0, sizes[axis] ?? 0, steps[axis] ?? 1];
    const last = start + (size - 1) * step;
    if (size < 1 || start < 0 || last < 0 || start >= length || last >= length || step === 0) {
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: `slice: axis ${axis}`,
        got: `start ${start}, size ${size}, step ${step}`,
        expected: `inside 0 to ${length - 1}`,
      });
    }
  }
  if (sameShape(sizes, x.shape) && steps.every((step) => step === 1)) return x;
  return applyOne('slice', shapingRules.slice, [x], { starts, sizes, steps });
}

/** Elements `start` to `end` (exclusive) along one axis. */
export function sliceAxis(x: Tensor, axis: number, start: number, end: number): Tensor {
  const positive = positiveAxis('slice', axis, x.shape.length);
  return slice(x, x.shape.map(() => 0).with(positive, start), x.shape.with(positive, end - start));
}

/** Reverses the order along the axes. */
export function flip(x: Tensor, axes: readonly number[]): Tensor {
  const flipped = new Set(axes.map((axis) => positiveAxis('flip', axis, x.shape.length)));
  const starts = x.shape.map((size, axis) => (flipped.has(axis) ? size - 1 : 0));
  return slice(
    x,
    starts,
    x.shape,
    x.shape.map((_, axis) => (flipped.has(axis) ? -1 : 1)),
  );
}

export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const first = only(tensors, 'concat');
  if (tensors.length === 1) return first;
  return applyOne('concat', shapingRules.concat, tensors, { axis: positiveAxis('concat', axis, first.shape.length) });
}

/**
 * Parts of the given sizes along an axis.
 *
 * @throws SHAPE_MISMATCH unless the sizes sum up to the axis
 */
export function split(x: Tensor, sizes: readonly number[], axis: number): readonly Tensor[] {
  const positive = positiveAxis('split', axis, x.shape.length);
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  if (whole !== x.shape[positive]) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'split: sizes',
      got: sizes,
      expected: `${x.shape[positive]} in sum`,
    });
  }
  return sizes.length === 1 ? [x] : applyOp('split', shapingRules.split, [x], { axis: positive, sizes });
}

/** Adds a new axis and joins along it. */
export function stack(tensors: readonly Tensor[], axis: number): Tensor {
  return concat(
    tensors.map((x) => unsqueeze(x, axis)),
    axis,
  );
}

export interface PadOptions {
  readonly mode?: PadMode;
  readonly value?: number;
}

/** Adds elements before and after along every axis. Only the constant mode has a gradient. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[], options: PadOptions = {}): Tensor {
  if ([...before, ...after].every((count) => count === 0)) return x;
  const { mode = 'constant', value = 0 } = options;
  return applyOne('pad', shapingRules.pad, [x], { before, after, mode, value });
}

/** Adjoint of `slice`: a tensor of zeros with x put back in its box. */
export function unslice(x: Tensor, shape: Shape, { starts, sizes, steps }: SliceAttributes): Tensor {
  const reversed = range(shape.length).filter((axis) => (steps[axis] as number) < 0);
  const forward = reversed.length === 0 ? x : flip(x, reversed);
  const strides = steps.map(Math.abs);
  const first = starts.map((start, i) =>
    (steps[i] as number) < 0 ? start + ((sizes[i] as number) - 1) * (steps[i] as number) : start,
  );
  const spread = interleaveZeros(forward, strides);
  const after = shape.map((size, i) => size - (first[i] as number) - (spread.shape[i] as number));
  return pad(spread, first, after);
}

/** Puts `stride - 1` zeros between neighbours along each axis; none after the last. */
export function interleaveZeros(x: Tensor, strides: readonly number[]): Tensor {
  if (strides.every((stride) => stride === 1)) return x;
  const apart = reshape(
    x,
    x.shape.flatMap((size) => [size, 1]),
  );
  const filled = pad(
    apart,
    apart.shape.map(() => 0),
    strides.flatMap((stride) => [0, stride - 1]),
  );
  const joined = reshape(
    filled,
    x.shape.map((size, i) => size * (strides[i] as number)),
  );
  return slice(
    joined,
    x.shape.map(() => 0),
    x.shape.map((size, i) => (size - 1) * (strides[i] as number) + 1),
  );
}

export function unsqueeze(x: Tensor, axis: number): Tensor {
  return reshape(x, x.shape.toSpliced(positiveAxis('unsqueeze', axis, x.shape.length + 1), 0, 1));
}

/** Drops an axis of size 1. */
export function squeeze(x: Tensor, axis: number): Tensor {
  return reshape(x, x.shape.toSpliced(positiveAxis('squeeze', axis, x.shape.length), 1));
}

/** Repeats the whole tensor along each axis. */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  const apart = reshape(
    x,
    x.shape.flatMap((size) => [1, size]),
  );
  const repeated = broadcastTo(
    apart,
    x.shape.flatMap((size, i) => [repeats[i] as number, size]),
  );
  return reshape(
    repeated,
    x.shape.map((size, i) => size * (repeats[i] as number)),
  );
}

import { VesaliusError } from '@vesalius/errors';
import { positiveAxis, range, type Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { applyOne, applyOp, only, pair } from './apply-op.ts';
import { equal } from './elementwise.ts';
import type { OpRule } from './op-rule.ts';
import { cast } from './selection.ts';
import { broadcastTo, reshape, unsqueeze } from './shaping.ts';
import { constant } from './source.ts';

/** Reading and adding at places that are themselves computed. Indices are int64. */
export const indexingRules = {
  gather: {
    shape: (inputs, attributes) => {
      const [x, indices] = pair(inputs, 'gather');
      assertIndices('gather', indices);
      return [{ shape: x.shape.toSpliced(attributes['axis'] as number, 1, ...indices.shape), dtype: x.dtype }];
    },
    gradient: ({ node, inputs, outputGradients }, $) => {
      const [x, indices] = pair(inputs, 'gather');
      return [
        $.scatterRows(only(outputGradients, 'gather'), indices, x.shape, node.attributes['axis'] as number),
        null,
      ];
    },
    toOnnx: ({ inputs, attributes }, emit) => [
      emit.node(
        'Gather',
        inputs.map((x) => emit.name(x)),
        { axis: attributes['axis'] as number },
      ),
    ],
  },
  gatherElements: {
    shape: (inputs) => {
      const [x, indices] = pair(inputs, 'gatherElements');
      assertIndices('gatherElements', indices);
      return [{ shape: indices.shape, dtype: x.dtype }];
    },
    gradient: ({ node, inputs, outputGradients }, $) => {
      const [x, indices] = pair(inputs, 'gatherElements');
      return [
        $.scatterAdd(only(outputGradients, 'gatherElements'), indices, x.shape, node.attributes['axis'] as number),
        null,
      ];
    },
    toOnnx: ({ inputs, attributes }, emit) => [
      emit.node(
        'GatherElements',
        inputs.map((x) => emit.name(x)),
        { axis: attributes['axis'] as number },
      ),
    ],
  },
  scatterAdd: {
    shape: ([updates], attributes) => [
      { shape: attributes['shape'] as Shape, dtype: only([updates], 'scatterAdd').dtype },
    ],
    gradient: ({ node, inputs, outputGradients }, $) => [
      $.gatherElements(
        only(outputGradients, 'scatterAdd'),
        pair(inputs, 'scatterAdd')[1],
        node.attributes['axis'] as number,
      ),
      null,
    ],
    toOnnx: ({ inputs, attributes }, emit) => {
      const [updates, indices] = pair(inputs, 'scatterAdd');
      const zeros = emit.node('Expand', [emit.scalar(0, updates.dtype), emit.ints(attributes['shape'] as Shape)]);
      const options = { axis: attributes['axis'] as number, reduction: 'add' };
      return [emit.node('ScatterElements', [zeros, emit.name(indices), emit.name(updates)], options)];
    },
  },
  topK: {
    shape: ([x], attributes) => {
      const { axis, k } = attributes as { axis: number; k: number };
      const { shape, dtype } = only([x], 'topK');
      return [
        { shape: shape.with(axis, k), dtype },
        { shape: shape.with(axis, k), dtype: 'int64' },
      ];
    },
    gradient: ({ node, inputs, outputs, outputGradients: [dy] }, $) => {
      const [, indices] = pair(outputs, 'topK');
      const x = only(inputs, 'topK');
      return [dy ? $.scatterAdd(dy, indices, x.shape, node.attributes['axis'] as number) : null];
    },
    toOnnx: ({ inputs, attributes }, emit) => {
      const { axis, k, largest } = attributes as { axis: number; k: number; largest: boolean };
      return emit.nodes('TopK', [emit.name(only(inputs, 'topK')), emit.ints([k])], 2, {
        axis,
        largest: largest ? 1 : 0,
        sorted: 1,
      });
    },
  },
} as const satisfies Record<string, OpRule>;

function assertIndices(what: string, { dtype }: Tensor): void {
  if (dtype !== 'int64')
    throw new VesaliusError('DTYPE_MISMATCH', { what: `${what}: indices`, got: dtype, expected: 'int64' });
}

/** Slices of x along an axis at the given places: an embedding look-up when x is a table and the axis 0. */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  return applyOne('gather', indexingRules.gather, [x, indices], { axis: positiveAxis('gather', axis, x.shape.length) });
}

/** One element of x for each index, whose other coordinates are the index's own. */
export function gatherElements(x: Tensor, indices: Tensor, axis: number): Tensor {
  return applyOne('gatherElements', indexingRules.gatherElements, [x, indices], {
    axis: positiveAxis('gatherElements', axis, x.shape.length),
  });
}

/** Adjoint of `gatherElements`: zeros of the given shape with each update added at its index. */
export function scatterAdd(updates: Tensor, indices: Tensor, shape: Shape, axis: number): Tensor {
  return applyOne('scatterAdd', indexingRules.scatterAdd, [updates, indices], {
    shape,
    axis: positiveAxis('scatterAdd', axis, shape.length),
  });
}

/** Adjoint of `gather`. */
export function scatterRows(updates: Tensor, indices: Tensor, shape: Shape, axis: number): Tensor {
  const count = indices.shape.reduce((product, size) => product * size, 1);
  const rows = shape.with(axis, count);
  const column = reshape(
    indices,
    rows.map((_, i) => (i === axis ? count : 1)),
  );
  return scatterAdd(reshape(updates, rows), broadcastTo(column, rows), shape, axis);
}

export interface TopK {
  readonly values: Tensor;
  /** int64 places along the axis. */
  readonly indices: Tensor;
}

/** The k largest (or smallest) elements along an axis, in order. */
export function topK(x: Tensor, k: number, axis = -1, largest = true): TopK {
  const attributes = { k, axis: positiveAxis('topK', axis, x.shape.length), largest };
  const [values, indices] = pair(applyOp('topK', indexingRules.topK, [x], attributes), 'topK');
  return { values, indices };
}

/** All elements along an axis in ascending order. */
export function sort(x: Tensor, axis = -1): TopK {
  return topK(x, x.shape[positiveAxis('sort', axis, x.shape.length)] as number, axis, false);
}

/** 1 where the class number (any shape, integers) equals the place along a new axis of the given size. */
export function oneHot(classes: Tensor, count: number, axis: number): Tensor {
  const rank = classes.shape.length + 1;
  const at = positiveAxis('oneHot', axis, rank);
  const numbers = constant(
    range(count),
    range(rank).map((i) => (i === at ? count : 1)),
    classes.dtype,
  );
  return cast(equal(unsqueeze(classes, at), numbers), 'float32');
}

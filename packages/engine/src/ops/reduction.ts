import { elementCount, positiveAxis, range, type Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { applyOne, only } from './apply-op.ts';
import { emitReduction } from './lowering/reduction.ts';
import type { GradientRule, OpRule } from './op-rule.ts';
import { reshape } from './shaping.ts';

/** Reduced axes keep size 1 inside the graph, so that results broadcast back. */
function reduction(onnx: string, gradient: GradientRule): OpRule {
  return {
    shape: ([x], attributes) => {
      const { shape, dtype } = only([x], onnx);
      const axes = attributes['axes'] as readonly number[];
      return [{ shape: shape.map((size, axis) => (axes.includes(axis) ? 1 : size)), dtype }];
    },
    gradient,
    toOnnx: ({ inputs, attributes }, emit) => [
      emitReduction(onnx, only(inputs, onnx), { axes: attributes['axes'] as readonly number[], emit }),
    ],
  };
}

/** An extreme passes its gradient to every element that reaches it, in equal shares. */
const extremeGradient: GradientRule = ({ node, inputs, outputs, outputGradients }, $) => {
  const axes = node.attributes['axes'] as readonly number[];
  const [x, y, dy] = [only(inputs, 'max'), only(outputs, 'max'), only(outputGradients, 'max')];
  const reached = $.cast($.equal(x, y), x.dtype);
  return [$.mul(reached, $.div(dy, $.sum(reached, axes)))];
};

function arg(onnx: string): OpRule {
  return {
    shape: ([x], attributes) => [
      { shape: only([x], onnx).shape.with(attributes['axis'] as number, 1), dtype: 'int64' },
    ],
    gradient: 'none',
    toOnnx: ({ inputs, attributes }, emit) => [
      emit.node(onnx, [emit.name(only(inputs, onnx))], { axis: attributes['axis'] as number, keepdims: 1 }),
    ],
  };
}

/** Operations over whole axes. */
export const reductionRules = {
  sum: reduction('ReduceSum', ({ inputs, outputGradients }, $) => [
    $.broadcastTo(only(outputGradients, 'sum'), only(inputs, 'sum').shape),
  ]),
  mean: reduction('ReduceMean', ({ inputs, outputs, outputGradients }, $) => {
    const [x, y] = [only(inputs, 'mean'), only(outputs, 'mean')];
    const share = elementCount(y.shape) / elementCount(x.shape);
    return [$.broadcastTo($.mul(only(outputGradients, 'mean'), share), x.shape)];
  }),
  max: reduction('ReduceMax', extremeGradient),
  min: reduction('ReduceMin', extremeGradient),
  argMax: arg('ArgMax'),
  argMin: arg('ArgMin'),
  cumulativeSum: {
    shape: ([x]) => [only([x], 'cumulativeSum')],
    gradient: ({ node, outputGradients }, $) => {
      const { axis, reverse } = node.attributes as { axis: number; reverse: boolean };
      return [$.cumulativeSum(only(outputGradients, 'cumulativeSum'), axis, !reverse)];
    },
    toOnnx: ({ inputs, attributes }, emit) => [
      emit.node(
        'CumSum',
        [emit.name(only(inputs, 'cumulativeSum')), emit.scalar(attributes['axis'] as number, 'int64')],
        {
          reverse: attributes['reverse'] ? 1 : 0,
        },
      ),
    ],
  },
} as const satisfies Record<string, OpRule>;

type Reduction = 'sum' | 'mean' | 'max' | 'min';

function reduce(op: Reduction, x: Tensor, axes: readonly number[], keepDims: boolean): Tensor {
  const positive = axes.map((axis) => positiveAxis(op, axis, x.shape.length)).sort((a, b) => a - b);
  const kept = positive.length === 0 ? x : applyOne(op, reductionRules[op], [x], { axes: positive });
  return keepDims
    ? kept
    : reshape(
        kept,
        kept.shape.filter((_, axis) => !positive.includes(axis)),
      );
}

const all = (x: Tensor): number[] => range(x.shape.length);

/** Sum over the axes, all by default, which keep size 1 unless `keepDims` is false. */
export const sum = (x: Tensor, axes: readonly number[] = all(x), keepDims = true): Tensor =>
  reduce('sum', x, axes, keepDims);
export const mean = (x: Tensor, axes: readonly number[] = all(x), keepDims = true): Tensor =>
  reduce('mean', x, axes, keepDims);
export const max = (x: Tensor, axes: readonly number[] = all(x), keepDims = true): Tensor =>
  reduce('max', x, axes, keepDims);
export const min = (x: Tensor, axes: readonly number[] = all(x), keepDims = true): Tensor =>
  reduce('min', x, axes, keepDims);

/** Place of the largest element along an axis, which keeps size 1; the first of equals. int64. */
export function argMax(x: Tensor, axis: number): Tensor {
  return applyOne('argMax', reductionRules.argMax, [x], { axis: positiveAxis('argMax', axis, x.shape.length) });
}

export function argMin(x: Tensor, axis: number): Tensor {
  return applyOne('argMin', reductionRules.argMin, [x], { axis: positiveAxis('argMin', axis, x.shape.length) });
}

export function cumulativeSum(x: Tensor, axis: number, reverse = false): Tensor {
  const attributes = { axis: positiveAxis('cumulativeSum', axis, x.shape.length), reverse };
  return applyOne('cumulativeSum', reductionRules.cumulativeSum, [x], attributes);
}

/** Adjoint of broadcasting: sums over the axes that were added or stretched. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  const added = x.shape.length - shape.length;
  const axes = range(x.shape.length).filter(
    (axis) => axis < added || (shape[axis - added] === 1 && x.shape[axis] !== 1),
  );
  return reshape(axes.length === 0 ? x : reduce('sum', x, axes, true), shape);
}

import { VesaliusError } from '@vesalius/errors';
import type { DType } from '../graph/dtype.ts';
import { isFloating } from '../graph/dtype.ts';
import { broadcastShape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { applyOne, only, pair, sameDtype } from './apply-op.ts';
import type { Operand } from './elementwise.ts';
import { emitElementwise } from './lowering/elementwise.ts';
import { onnxDataType } from './onnx-data-type.ts';
import type { OpRule } from './op-rule.ts';
import { scalarLike } from './source.ts';

/** Choosing between values, and changing their element type. */
export const selectionRules = {
  where: {
    shape: (inputs) => {
      const condition = only(inputs, 'where');
      const [a, b] = pair(inputs.slice(1), 'where');
      if (condition.dtype !== 'bool') {
        throw new VesaliusError('DTYPE_MISMATCH', { what: 'where: condition', got: condition.dtype, expected: 'bool' });
      }
      sameDtype('where', [a, b]);
      return [
        { shape: broadcastShape('where', condition.shape, broadcastShape('where', a.shape, b.shape)), dtype: a.dtype },
      ];
    },
    gradient: ({ inputs, outputGradients, needs }, $) => {
      const [condition, dy] = [only(inputs, 'where'), only(outputGradients, 'where')];
      const [a, b] = pair(inputs.slice(1), 'where');
      return [
        null,
        needs(1) ? $.sumTo($.where(condition, dy, 0), a.shape) : null,
        needs(2) ? $.sumTo($.where(condition, 0, dy), b.shape) : null,
      ];
    },
    toOnnx: ({ inputs }, emit) => [emitElementwise('Where', inputs, { emit })],
  },
  cast: {
    shape: ([x], attributes) => [{ shape: only([x], 'cast').shape, dtype: attributes['dtype'] as DType }],
    gradient: ({ inputs, outputGradients }, $) => {
      const x = only(inputs, 'cast');
      return [isFloating(x.dtype) ? $.cast(only(outputGradients, 'cast'), x.dtype) : null];
    },
    toOnnx: ({ inputs, attributes }, emit) => [
      emitElementwise('Cast', inputs, { emit, attributes: { to: onnxDataType(attributes['dtype'] as DType) } }),
    ],
  },
  /** The value passes, the gradient does not. */
  stopGradient: {
    shape: ([x]) => [only([x], 'stopGradient')],
    gradient: () => [null],
    toOnnx: ({ inputs }, emit) => [emitElementwise('Identity', inputs, { emit })],
  },
} as const satisfies Record<string, OpRule>;

/** `a` where the condition holds, `b` elsewhere; all broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const like = typeof a === 'number' ? b : a;
  if (typeof like === 'number') {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'where: operands',
      got: 'two numbers',
      expected: 'a tensor among them',
    });
  }
  const sides = [a, b].map((side) => (typeof side === 'number' ? scalarLike(side, like) : side));
  return applyOne('where', selectionRules.where, [condition, ...sides]);
}

export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : applyOne('cast', selectionRules.cast, [x], { dtype });
}

export function stopGradient(x: Tensor): Tensor {
  return applyOne('stopGradient', selectionRules.stopGradient, [x]);
}

import type { Tensor } from '../../graph/tensor.ts';
import { onnxDataType } from '../onnx-data-type.ts';
import type { Emitted, Emitter } from '../op-rule.ts';
import { emitBlockedSlope } from './combination.ts';
import { emitElementwise } from './elementwise.ts';

/** x where it is above zero, `negativeSlope` x elsewhere. The runtime has the operator in single precision only. */
export function emitLeakyRelu(x: Tensor, negativeSlope: number, emit: Emitter): Emitted {
  if (x.dtype === 'float32')
    return emitElementwise('LeakyRelu', [x], { emit, attributes: { alpha: { float: negativeSlope } } });
  return emit.node('Mul', [emit.name(x), plainSlope(x, negativeSlope, emit)]);
}

/** 1 where x is above zero, `negativeSlope` elsewhere. */
export function emitSlope(x: Tensor, negativeSlope: number, emit: Emitter): Emitted {
  const { shape, dtype } = x;
  const clips = negativeSlope >= 0 && negativeSlope <= 1;
  if (dtype !== 'float32' || !clips || !emit.standsBlocked(x)) return plainSlope(x, negativeSlope, emit);
  return { blocked: () => emitBlockedSlope(emit.blocked(x), negativeSlope, { shape, emit }) };
}

function plainSlope(x: Tensor, negativeSlope: number, emit: Emitter): string {
  const to = onnxDataType(x.dtype);
  const scalar = (value: number): string => emit.node('Cast', [emit.scalar(value, 'float64')], { to });
  const step = emit.node('Cast', [emit.node('Greater', [emit.name(x), scalar(0)])], { to });
  if (negativeSlope === 0) return step;
  return emit.node('Add', [emit.node('Mul', [step, scalar(1 - negativeSlope)]), scalar(negativeSlope)]);
}

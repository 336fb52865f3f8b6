import type { Tensor } from '../../graph/tensor.ts';
import type { Emitted, Emitter } from '../op-rule.ts';
import { emitElementwise } from './elementwise.ts';

/** Share of the standard normal distribution below x: (1 + erf(x / sqrt(2))) / 2, where a hard sigmoid is the scale and shift in one pass. */
export function emitNormalCdf(x: Tensor, emit: Emitter): string {
  const erf = emit.node('Erf', [emit.node('Mul', [emit.name(x), emit.scalar(Math.SQRT1_2, x.dtype)])]);
  if (x.dtype === 'float32') return emit.node('HardSigmoid', [erf], { alpha: { float: 0.5 }, beta: { float: 0.5 } });
  const half = emit.scalar(0.5, x.dtype);
  return emit.node('Add', [emit.node('Mul', [erf, half]), half]);
}

/** The runtime's own operator exists in single precision only. */
export function emitGelu(x: Tensor, emit: Emitter): Emitted {
  if (x.dtype === 'float32') return emitElementwise('Gelu', [x], { emit });
  return emit.node('Mul', [emit.name(x), emitNormalCdf(x, emit)]);
}

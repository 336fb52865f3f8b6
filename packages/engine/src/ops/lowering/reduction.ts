import { elementCount, range, sameShape } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Emitter } from '../op-rule.ts';
import { spatialDot, spatialMean } from './spatial-mean.ts';

interface ReductionEmission {
  readonly axes: readonly number[];
  readonly emit: Emitter;
}

/** A reduction that keeps the reduced axes with size 1. Sums over space are taken in the blocked layout where x stands in it. */
export function emitReduction(opType: string, x: Tensor, { axes, emit }: ReductionEmission): string {
  const means = isLinear(opType) && coversSpace(x, axes) ? spatialMeans(x, emit) : undefined;
  if (means === undefined) return emit.node(opType, [emit.name(x), emit.ints(axes)], { keepdims: 1 });
  const rest = axes.filter((axis) => axis < 2);
  const reduced = rest.length === 0 ? means : emit.node(opType, [means, emit.ints(rest)], { keepdims: 1 });
  if (opType === 'ReduceMean') return reduced;
  return emit.node('Mul', [reduced, emit.scalar(elementCount(x.shape.slice(2)), 'float32')]);
}

const isLinear = (opType: string): boolean => opType === 'ReduceMean' || opType === 'ReduceSum';

function coversSpace({ shape }: Tensor, axes: readonly number[]): boolean {
  return shape.length > 2 && range(shape.length - 2, 2).every((axis) => axes.includes(axis));
}

/** Means over space `[B, C, 1...]`; those of a product that nothing else reads need no product in memory. */
function spatialMeans(x: Tensor, emit: Emitter): string | undefined {
  if (x.dtype !== 'float32' || !emit.standsBlocked(x)) return undefined;
  const [a, b] = x.node.inputs;
  const product =
    x.node.op === 'mul' &&
    emit.readers(x) === 1 &&
    a &&
    b &&
    sameShape(a.shape, x.shape) &&
    sameShape(b.shape, x.shape);
  if (!product) return spatialMean(emit.combination(x), x.shape, emit);
  return spatialDot(emit.combination(a), emit.combination(b), { shape: x.shape, emit });
}

import { range, type Shape, sameShape } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { CombinationTerm, Emitted, Emitter } from '../op-rule.ts';
import { emitCombination } from './combination.ts';
import { spatialDot, spatialMean } from './spatial-mean.ts';

interface StandardizeEmission {
  readonly axes: readonly number[];
  readonly epsilon: number;
  readonly emit: Emitter;
}

/** Zero mean and unit variance over the axes: the result and 1 / deviation. */
export function emitStandardize(x: Tensor, emission: StandardizeEmission): [Emitted, string] {
  const { axes, emit } = emission;
  const space = range(x.shape.length - 2, 2);
  const perChannel = sameShape(axes, space) || sameShape(axes, [0, ...space]);
  return perChannel && x.dtype === 'float32' && emit.standsBlocked(x) ? blocked(x, emission) : plain(x, emission);
}

function plain(x: Tensor, { axes, epsilon, emit }: StandardizeEmission): [string, string] {
  const last = x.shape.length - 1;
  if (x.dtype === 'float32' && sameShape(axes, [last])) return layerNormalization(x, { axes, epsilon, emit });
  const mean = emit.node('ReduceMean', [emit.name(x), emit.ints(axes)], { keepdims: 1 });
  const centred = emit.node('Sub', [emit.name(x), mean]);
  const variance = emit.node('ReduceMean', [emit.node('Mul', [centred, centred]), emit.ints(axes)], { keepdims: 1 });
  const scale = reciprocalDeviation(variance, emit.scalar(epsilon, x.dtype), emit);
  return [emit.node('Mul', [centred, scale]), scale];
}

/** Over the last axis only: its scale of ones would hold the image's size otherwise, and a model of any size may not. */
function layerNormalization(x: Tensor, { axes, epsilon, emit }: StandardizeEmission): [string, string] {
  const size = x.shape.at(-1) as number;
  const ones = emit.constant(new Float32Array(size).fill(1), [size], 'float32');
  const attributes = { axis: axes[0] as number, epsilon: { float: epsilon } };
  const [y, , scale] = emit.nodes('LayerNormalization', [emit.name(x), ones], 3, attributes);
  return [y as string, scale as string];
}

function reciprocalDeviation(variance: string, epsilon: string, emit: Emitter): string {
  return emit.node('Reciprocal', [emit.node('Sqrt', [emit.node('Add', [variance, epsilon])])]);
}

/** A shift of x changes nothing, and its scale enters the variance squared: x itself is not computed. */
function blocked(x: Tensor, { axes, epsilon, emit }: StandardizeEmission): [Emitted, string] {
  const { terms } = emit.combination(x);
  const { base, scale }: CombinationTerm =
    terms.length === 1 ? (terms[0] as CombinationTerm) : { base: emit.blocked(x) };
  const overBatch = (means: string): string =>
    axes[0] === 0 ? emit.node('ReduceMean', [means, emit.ints([0])], { keepdims: 1 }) : means;
  const { centre, mean, variance } = moments(base, { shape: x.shape, emit, overBatch, short: comesFromConvolution(x) });
  const scaledVariance =
    scale === undefined ? variance : emit.node('Mul', [variance, emit.node('Mul', [scale, scale])]);
  const perDeviation = reciprocalDeviation(scaledVariance, emit.scalar(epsilon, 'float32'), emit);
  const factor = scale === undefined ? perDeviation : emit.node('Mul', [scale, perDeviation]);
  const shift = mean === undefined ? undefined : emit.node('Neg', [emit.node('Mul', [mean, factor])]);
  return [{ combination: { terms: [{ base: centre, scale: factor }], shift } }, perDeviation];
}

interface MomentEmission {
  readonly shape: Shape;
  readonly emit: Emitter;
  readonly overBatch: (means: string) => string;
  /** Whether the mean is small enough beside the deviation for the difference of squares. */
  readonly short: boolean;
}

interface Moments {
  /** What has the variance: x or x - mean. */
  readonly centre: string;
  /** Still to be taken off. */
  readonly mean?: string;
  readonly variance: string;
}

function moments(base: string, { shape, emit, overBatch, short }: MomentEmission): Moments {
  const x = { terms: [{ base }] };
  const mean = overBatch(spatialMean(x, shape, emit));
  if (!short) {
    const centre = emitCombination({ ...x, shift: emit.node('Neg', [mean]) }, { shape, emit });
    const centred = { terms: [{ base: centre }] };
    return { centre, variance: overBatch(spatialDot(centred, centred, { shape, emit })) };
  }
  const square = overBatch(spatialDot(x, x, { shape, emit }));
  const difference = emit.node('Sub', [square, emit.node('Mul', [mean, mean])]);
  return { centre: base, mean, variance: emit.node('Max', [difference, emit.scalar(0, 'float32')]) };
}

/** A convolution's values lie around zero, up to its bias, which is not in the base. */
function comesFromConvolution({ node, shape }: Tensor): boolean {
  if (node.op === 'convolution' || node.op === 'convolutionInput') return true;
  const [first] = node.inputs;
  return (
    (node.op === 'add' || node.op === 'mul') &&
    first !== undefined &&
    sameShape(first.shape, shape) &&
    comesFromConvolution(first)
  );
}

import { broadcastShape, elementCount, type Shape, sameShape } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Combination, Emitted, EmittedAttribute, Emitter } from '../op-rule.ts';
import { blockedNode, fitsBlocks, imagesOf, POINTWISE, plainImages, reshapeTo } from './blocked-layout.ts';
import {
  type Activation,
  addCombinations,
  emitCombination,
  scaleCombination,
  shiftCombination,
} from './combination.ts';

interface ElementwiseEmission {
  readonly emit: Emitter;
  readonly attributes?: Record<string, EmittedAttribute>;
}

/** An elementwise operation, in the blocked layout where an operand of the result's shape stands in it. */
export function emitElementwise(
  opType: string,
  inputs: readonly Tensor[],
  { emit, attributes = {} }: ElementwiseEmission,
): Emitted {
  const shape = inputs.reduce<Shape>((all, { shape }) => broadcastShape(opType, all, shape), []);
  const operands = unbroadcast(inputs, shape);
  const blocked =
    operands.some((x) => sameShape(x.shape, shape) && emit.standsBlocked(x)) &&
    operands.every((x) => hasBlockedView(x, shape, emit));
  if (!blocked)
    return emit.node(
      opType,
      operands.map((x) => emit.name(x)),
      attributes,
    );
  const lazy = asCombination(operands, { opType, attributes, shape, emit });
  if (lazy) return lazy;
  return { blocked: () => blockedElementwise(operands, { opType, attributes, shape, emit }) };
}

/** Operands before they were broadcast, where another one still brings the shape. */
function unbroadcast(inputs: readonly Tensor[], shape: Shape): readonly Tensor[] {
  const small = inputs.map((x) => (x.node.op === 'broadcastTo' ? (x.node.inputs[0] as Tensor) : x));
  const reached = small.reduce<Shape>((all, x) => broadcastShape('broadcastTo', all, x.shape), []);
  return sameShape(reached, shape) ? small : inputs;
}

/** Sizes along every axis of the result, 1 where the operand is broadcast. */
const aligned = (x: Tensor, shape: Shape): number[] => [
  ...Array<number>(shape.length - x.shape.length).fill(1),
  ...x.shape,
];

const isPerChannel = (x: Tensor, shape: Shape): boolean => elementCount(aligned(x, shape).slice(2)) === 1;

function hasBlockedView(x: Tensor, shape: Shape, emit: Emitter): boolean {
  if (sameShape(x.shape, shape)) return fitsBlocks(x, emit) && (x.dtype === 'float32' || emit.standsBlocked(x));
  return isPerChannel(x, shape) || aligned(x, shape)[1] === 1;
}

interface Blocked {
  readonly shape: Shape;
  readonly emit: Emitter;
}

const MOST_TERMS = 3;

/** What a combination's last pass applies at no cost. */
const ACTIVATIONS: Record<string, (attributes: Record<string, EmittedAttribute>) => Activation> = {
  Relu: () => ({ activation: 'Relu' }),
  LeakyRelu: ({ alpha }) => ({
    activation: 'LeakyRelu',
    activation_params: { floats: [(alpha as { float: number }).float] },
  }),
};

/** Scaling, shifting and adding are put off; what a combination goes into may take them along. */
function asCombination(
  operands: readonly Tensor[],
  { opType, attributes, shape, emit }: BlockedElementwise,
): Emitted | undefined {
  const [a, b] = operands;
  if (a?.dtype !== 'float32') return undefined;
  const activation = emit.isCombination(a) ? ACTIVATIONS[opType]?.(attributes) : undefined;
  if (activation) {
    const sum = emit.combination(a);
    return { blocked: () => emitCombination(sum, { shape, emit, activation }) };
  }
  if (opType === 'Neg' && emit.isCombination(a)) return { combination: negated(a, emit) };
  if (!b) return undefined;
  const [fullA, fullB] = [sameShape(a.shape, shape), sameShape(b.shape, shape)];
  if (fullA && fullB) return sumOfBoth(opType, [a, b], emit);
  const [full, small] = fullA ? [a, b] : [b, a];
  return isPerChannel(small, shape)
    ? withSmall(opType, { full, small: emit.name(small), swapped: full === b, emit })
    : undefined;
}

const minusOne = (emit: Emitter): string => emit.scalar(-1, 'float32');
const negated = (x: Tensor, emit: Emitter): Combination => scaleCombination(emit.combination(x), minusOne(emit), emit);

function sumOfBoth(opType: string, [a, b]: readonly [Tensor, Tensor], emit: Emitter): Emitted | undefined {
  if (opType !== 'Add' && opType !== 'Sub') return undefined;
  if (!emit.isCombination(a) && !emit.isCombination(b)) return undefined;
  const sum = addCombinations(emit.combination(a), opType === 'Sub' ? negated(b, emit) : emit.combination(b), emit);
  return sum.terms.length <= MOST_TERMS ? { combination: sum } : undefined;
}

interface WithSmall {
  readonly full: Tensor;
  readonly small: string;
  /** Whether the small operand comes first. */
  readonly swapped: boolean;
  readonly emit: Emitter;
}

function withSmall(opType: string, { full, small, swapped, emit }: WithSmall): Emitted | undefined {
  switch (opType) {
    case 'Mul':
      return { combination: scaleCombination(emit.combination(full), small, emit) };
    case 'Div':
      return swapped
        ? undefined
        : { combination: scaleCombination(emit.combination(full), emit.node('Reciprocal', [small]), emit) };
    case 'Add':
      return { combination: shiftCombination(emit.combination(full), small, emit) };
    case 'Sub':
      if (swapped) return { combination: shiftCombination(negated(full, emit), small, emit) };
      return { combination: shiftCombination(emit.combination(full), emit.node('Neg', [small]), emit) };
    default:
      return undefined;
  }
}

interface BlockedElementwise extends Blocked {
  readonly opType: string;
  readonly attributes: Record<string, EmittedAttribute>;
}

function blockedElementwise(
  operands: readonly Tensor[],
  { opType, attributes, shape, emit }: BlockedElementwise,
): string {
  const alike = operands.every((x) => sameShape(x.shape, shape) || elementCount(x.shape) === 1 || isMap(x, shape));
  if (alike)
    return emit.node(
      opType,
      operands.map((x) => {
        if (sameShape(x.shape, shape)) return emit.blocked(x);
        return isMap(x, shape) ? mapForAllChannels(x, shape, emit) : flatScalar(x, emit);
      }),
      attributes,
    );
  const { count, channels, height, width } = imagesOf(shape);
  const result = emit.node(
    opType,
    operands.map((x) => blockedView(x, shape, emit)),
    attributes,
  );
  return reshapeTo(result, [count, channels, height, width], emit);
}

/** One number in every place, for all channels. */
const isMap = (x: Tensor, shape: Shape): boolean => x.dtype === 'float32' && sameShape(x.shape, shape.with(1, 1));

/** A convolution repeats the map for every channel of a block; broadcasting runs once a place, over eight numbers. */
function mapForAllChannels(x: Tensor, shape: Shape, emit: Emitter): string {
  const { channels } = imagesOf(shape);
  const ones = emit.constant(new Float32Array(channels).fill(1), [channels, 1, 1, 1], 'float32');
  return blockedNode('Conv', [plainImages(emit.name(x), x.shape, emit), ones], emit, POINTWISE);
}

const flatScalar = (x: Tensor, emit: Emitter): string =>
  x.shape.length === 0 ? emit.name(x) : reshapeTo(emit.name(x), [], emit);

/** The operand declared as its memory lies, so that it broadcasts: `[B, D, C / block, H, W, block]`. */
function blockedView(x: Tensor, shape: Shape, emit: Emitter): string {
  const block = emit.target.channelBlock;
  const whole = sameShape(x.shape, shape);
  const { batch, channels, depth, height, width } = imagesOf(aligned(x, shape));
  const inBlocks = channels === 1 ? [1, 1] : [channels / block, block];
  const view = [batch, depth, inBlocks[0] as number, height, width, inBlocks[1] as number];
  return reshapeTo(whole ? emit.blocked(x) : emit.name(x), view, emit);
}

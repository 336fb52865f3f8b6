import { range, type Shape } from '../../graph/shape.ts';
import type { Emitter } from '../op-rule.ts';
import { blockedNode, padTo, reshapeTo, roundUp } from './blocked-layout.ts';

export interface FilterEmission {
  /** `[A, B, depth, height, width]` of the plain weight. */
  readonly shape: Shape;
  /** Whether B are the outputs, not A: for the derivative by the input. */
  readonly exchanged: boolean;
  readonly emit: Emitter;
}

export interface Filter {
  /** Memory `[depth, out / block, in / block, height, width, block of in, block of out]`; fewer inputs than a block have no block. */
  readonly name: string;
  /** Rounded up to blocks: those added are zero. */
  readonly outputs: number;
  readonly inputs: number;
  /** Depth, height, width. */
  readonly kernel: readonly number[];
}

/** Channels a blocked convolution reads for so many of a tensor's: fewer than a block are read as they are. */
export const inputChannels = (channels: number, block: number): number =>
  channels < block ? channels : roundUp(channels, block);

/** A plain weight in blocks. */
export function blockedFilter(weight: string, { shape, exchanged, emit }: FilterEmission): Filter {
  const block = emit.target.channelBlock;
  const [a, b, ...kernel] = shape as [number, number, number, number, number];
  const outputs = roundUp(exchanged ? b : a, block);
  const inputs = inputChannels(exchanged ? a : b, block);
  const missing = exchanged ? [inputs - a, outputs - b, 0, 0, 0] : [outputs - a, inputs - b, 0, 0, 0];
  const whole = padTo(reshapeTo(weight, shape, emit), [0, 0, 0, 0, 0], missing, emit);
  const lanesLast = exchanged
    ? outputLanes(whole, [inputs * (outputs / block), ...kernel], emit)
    : outputLanes(whole, [outputs / block, inputs, ...kernel], emit);
  return { name: ordered(lanesLast, { outputs, inputs, kernel, exchanged, emit }), outputs, inputs, kernel };
}

/** A block of outputs from the second axis, before the given inner ones, to the last. */
function outputLanes(whole: string, [blocks = 1, ...inner]: readonly number[], emit: Emitter): string {
  const length = inner.reduce((product, size) => product * size, 1);
  if (length === 1) return whole;
  return blockedNode('ReorderInput', [reshapeTo(whole, [blocks, emit.target.channelBlock, 1, length], emit)], emit);
}

interface Order {
  readonly outputs: number;
  readonly inputs: number;
  readonly kernel: readonly number[];
  readonly exchanged: boolean;
  readonly emit: Emitter;
}

function ordered(lanesLast: string, { outputs, inputs, kernel, exchanged, emit }: Order): string {
  const block = emit.target.channelBlock;
  const [depth = 1, height = 1, width = 1] = kernel;
  const [outBlocks, inBlocks, inLanes] = [
    outputs / block,
    inputs < block ? inputs : inputs / block,
    inputs < block ? 1 : block,
  ];
  const taps = [depth, height * width, block];
  const [view, perm] = exchanged
    ? [
        [inBlocks, inLanes, outBlocks, ...taps],
        [3, 2, 0, 4, 1, 5],
      ]
    : [
        [outBlocks, inBlocks, inLanes, ...taps],
        [3, 0, 1, 4, 2, 5],
      ];
  return emit.node('Transpose', [reshapeTo(lanesLast, view, emit)], { perm });
}

/** Contiguous numbers of one place of the kernel. */
const lanesOf = ({ inputs }: Filter, block: number): number => (inputs < block ? block : block * block);

/** View of a filter as `[depth, blocks, height, width, lanes]`. */
export function perPlace(filter: Filter, emit: Emitter): string {
  const block = emit.target.channelBlock;
  const [depth = 1, height = 1, width = 1] = filter.kernel;
  return emit.node('Reshape', [filter.name, emit.ints([depth, -1, height, width, lanesOf(filter, block)])]);
}

/** The kernel turned round along every axis. */
export function turnFilter(filter: Filter, emit: Emitter): Filter {
  const axes = [0, 2, 3].filter((_, i) => (filter.kernel[i] as number) > 1);
  return axes.length === 0 ? filter : { ...filter, name: flip(perPlace(filter, emit), axes, emit) };
}

/** Reverses the order along the axes. */
export function flip(name: string, axes: readonly number[], emit: Emitter): string {
  const operands = [axes.map(() => -1), axes.map(() => -Number.MAX_SAFE_INTEGER), axes, axes.map(() => -1)];
  return emit.node('Slice', [name, ...operands.map((operand) => emit.ints(operand))]);
}

/** One 2-D filter for each place in depth, as the blocked convolution declares it. */
export function filtersInDepth({ name, outputs, inputs, kernel }: Filter, emit: Emitter): string[] {
  const [depth = 1, height = 1, width = 1] = kernel;
  const whole = reshapeTo(name, [depth, outputs, inputs, height, width], emit);
  const apart = depth === 1 ? [whole] : emit.nodes('Split', [whole], depth, { axis: 0, num_outputs: depth });
  return apart.map((part) => reshapeTo(part, [outputs, inputs, height, width], emit));
}

/** Axes of depth and height that fewer spatial axes lack. */
export function filterShape(shape: Shape): number[] {
  const [a = 1, b = 1, ...kernel] = shape;
  return [a, b, ...range(3 - kernel.length).map(() => 1), ...kernel];
}

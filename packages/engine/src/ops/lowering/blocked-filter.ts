import { range, type Shape } from '../../graph/shape.ts';
import type { Emitter } from '../op-rule.ts';
import { padTo, reshapeTo, roundUp } from './blocked-layout.ts';

interface FilterEmission {
  /** `[A, B, depth, height, width]` of the plain weight: A output and B input channels. */
  readonly shape: Shape;
  /** The other way round, with the kernel turned: for the derivative by the input. */
  readonly turned: boolean;
  readonly emit: Emitter;
}

/** Channels a blocked convolution reads for so many of a tensor's: fewer than a block are read as they are. */
export const inputChannels = (channels: number, block: number): number => (channels < block ? channels : roundUp(channels, block));

/**
 * A weight as the blocked convolution wants it, one 2-D filter for each place in depth: memory
 * `[out / block, in / block, height, width, block of in, block of out]`, or `[out / block, in, height, width, block]` when the
 * input has fewer channels than a block. Missing channels are zero.
 */
export function emitFilters(weight: string, { shape, turned, emit }: FilterEmission): string[] {
  const block = emit.target.channelBlock;
  const [a, b, depth, height, width] = shape as [number, number, number, number, number];
  const outputs = roundUp(turned ? b : a, block);
  const inputs = inputChannels(turned ? a : b, block);
  const missing = turned ? [inputs - a, outputs - b] : [outputs - a, inputs - b];
  const none = [0, 0, 0, 0, 0];
  const whole = padTo(reshapeTo(weight, shape, emit), none, [...missing, 0, 0, 0], emit);
  const ordered = turnKernel(inBlocks(whole, { outputs, inputs, kernel: [depth, height, width], turned, emit }), { height, width, turned, emit });
  const apart = depth === 1 ? [ordered] : emit.nodes('Split', [ordered], depth, { axis: 0, num_outputs: depth });
  const filters = apart.map((part) => reshapeTo(part, [outputs, inputs, height, width], emit));
  return turned ? filters.reverse() : filters;
}

interface InBlocks {
  readonly outputs: number;
  readonly inputs: number;
  readonly kernel: readonly number[];
  readonly turned: boolean;
  readonly emit: Emitter;
}

/** `[depth, out / block, in / block, height, width, lanes]` */
function inBlocks(whole: string, { outputs, inputs, kernel, turned, emit }: InBlocks): string {
  const block = emit.target.channelBlock;
  const [depth = 1, height = 1, width = 1] = kernel;
  const apart = (channels: number): number[] => (channels < block ? [channels, 1] : [channels / block, block]);
  const sides = turned ? [apart(inputs), apart(outputs)] : [apart(outputs), apart(inputs)];
  const view = reshapeTo(whole, [...sides.flat(), ...kernel], emit);
  const perm = turned ? [4, 2, 0, 5, 6, 1, 3] : [4, 0, 2, 5, 6, 3, 1];
  const lanes = inputs < block ? block : block * block;
  return reshapeTo(emit.node('Transpose', [view], { perm }), [depth, (outputs / block) * Math.ceil(inputs < block ? inputs : inputs / block), height, width, lanes], emit);
}

function turnKernel(ordered: string, { height, width, turned, emit }: { height: number; width: number; turned: boolean; emit: Emitter }): string {
  const axes = turned ? [...(height > 1 ? [2] : []), ...(width > 1 ? [3] : [])] : [];
  if (axes.length === 0) return ordered;
  const operands = [axes.map(() => -1), axes.map(() => -Number.MAX_SAFE_INTEGER), axes, axes.map(() => -1)];
  return emit.node('Slice', [ordered, ...operands.map((operand) => emit.ints(operand))]);
}

/** Axes of depth and height that fewer spatial axes lack. */
export function filterShape(shape: Shape): number[] {
  const [a = 1, b = 1, ...kernel] = shape;
  return [a, b, ...range(3 - kernel.length).map(() => 1), ...kernel];
}

import { range, type Shape } from '../../graph/shape.ts';
import type { Combination, Emitter } from '../op-rule.ts';
import { blockedNode, imagesOf, reshapeTo } from './blocked-layout.ts';

/** Mean over space of each channel of each sample, `[B, C, 1...]`. */
export function spatialMean({ terms, shift }: Combination, shape: Shape, emit: Emitter): string {
  const means = terms.map(({ base, scale }) => scaled(meanOf(base, shape, emit), scale, emit));
  return total(shift === undefined ? means : [...means, shift], emit);
}

interface DotEmission {
  readonly shape: Shape;
  readonly emit: Emitter;
}

/** Mean over space of the product of two combinations, `[B, C, 1...]`, multiplied out over their terms. */
export function spatialDot(a: Combination, b: Combination, { shape, emit }: DotEmission): string {
  const products = a.terms.flatMap((left) =>
    b.terms.map((right) => {
      const dot = meanProduct(left.base, right.base, { shape, emit });
      return scaled(scaled(dot, left.scale, emit), right.scale, emit);
    }),
  );
  const shifted = [
    [a, b],
    [b, a],
  ].flatMap(([one, other]) => {
    if (!one || other?.shift === undefined) return [];
    return [emit.node('Mul', [spatialMean({ terms: one.terms }, shape, emit), other.shift])];
  });
  const both = a.shift !== undefined && b.shift !== undefined ? [emit.node('Mul', [a.shift, b.shift])] : [];
  return total([...products, ...shifted, ...both], emit);
}

const scaled = (name: string, scale: string | undefined, emit: Emitter): string =>
  scale === undefined ? name : emit.node('Mul', [name, scale]);

const total = (names: readonly string[], emit: Emitter): string =>
  names.reduce((sum, name) => emit.node('Add', [sum, name]));

/** Rows added up in one run: longer ones lose precision and leave threads idle. */
const MOST_IN_A_RUN = 4096;

function rowsInARun(height: number, width: number): number {
  const divisors = range(height, 1).filter((rows) => height % rows === 0 && rows * width <= MOST_IN_A_RUN);
  return divisors.at(-1) ?? 1;
}

function meanOf(base: string, shape: Shape, emit: Emitter): string {
  const { rows, runs, width } = inRuns(shape);
  const means = blockedNode('GlobalAveragePool', [reshapeTo(base, [1, runs, rows, width], emit)], emit);
  return meanOfRuns(means, shape, emit);
}

/** A depthwise convolution whose kernel is the other factor, as large as the image. */
function meanProduct(a: string, b: string, { shape, emit }: DotEmission): string {
  const { rows, runs, width } = inRuns(shape);
  const operands = [reshapeTo(a, [1, runs, rows, width], emit), reshapeTo(b, [runs, 1, rows, width], emit)];
  const attributes = {
    group: runs,
    kernel_shape: [rows, width],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
  };
  const sums = meanOfRuns(blockedNode('Conv', operands, emit, attributes), shape, emit);
  return emit.node('Mul', [sums, emit.scalar(1 / (rows * width), 'float32')]);
}

interface Runs {
  /** Rows of an image in a run. */
  readonly rows: number;
  readonly width: number;
  /** Channels of all images times the runs of an image. */
  readonly runs: number;
}

function inRuns(shape: Shape): Runs {
  const { count, channels, height, width } = imagesOf(shape);
  const rows = rowsInARun(height, width);
  return { rows, width, runs: (count * channels * height) / rows };
}

/** From one number a channel of each run, which stand as `[B, D, C / block, runs, block]`. */
function meanOfRuns(perRun: string, shape: Shape, emit: Emitter): string {
  const block = emit.target.channelBlock;
  const { batch, channels, depth, height, width } = imagesOf(shape);
  const runs = height / rowsInARun(height, width);
  const perSample = [batch, channels, ...shape.slice(2).map(() => 1)];
  if (depth * runs === 1) return reshapeTo(perRun, perSample, emit);
  const apart = reshapeTo(perRun, [batch, depth, channels / block, runs, block], emit);
  return reshapeTo(emit.node('ReduceMean', [apart, emit.ints([1, 3])], { keepdims: 0 }), perSample, emit);
}

import { range } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ConvolutionEmission } from '../convolution-lowering.ts';
import type { Emitter } from '../op-rule.ts';
import { convolvesInBlocks, imageGeometry } from './blocked-convolution.ts';
import { filterShape, flip } from './blocked-filter.ts';
import { blockedNode, imagesOf, padTo, plainToBlocked, reshapeTo, roundUp } from './blocked-layout.ts';
import { type ImageGeometry, type Source, sourceOf } from './image-convolution.ts';

/**
 * Weight gradient as a convolution whose batch is the channels of one operand (the moving one), whose filters are the whole
 * images of the other (the fixed one), and whose input channels are the images: the kernel's places are its result.
 */
export function emitBlockedWeight(x: Tensor, dy: Tensor, emission: ConvolutionEmission): string | undefined {
  const { geometry, output, emit } = emission;
  if (!convolvesInBlocks(output, emission) || geometry.dilations.some((dilation) => dilation !== 1)) return undefined;
  const forward = imageGeometry(output, geometry, imagesOf(dy.shape).depth);
  const [kernels = 1, channels = 1, ...kernel] = filterShape(output.shape);
  const single = forward.strides.every((stride) => stride === 1);
  const exchanged = single && kernels < channels;
  const turned = forward.before.map((pad, i) => (kernel[i] as number) - 1 - pad);
  const whole = exchanged
    ? pairing(sourceOf(dy, emit), fixedSource(x, emit), { geometry: { ...forward, before: turned }, exchanged, emit })
    : pairing(sourceOf(x, emit), fixedSource(dy, emit), { geometry: forward, exchanged, emit });
  const over = [kernels, channels, ...kernel].map((size, axis) => size - (whole.shape[axis] as number));
  return reshapeTo(padTo(whole.name, over.map(() => 0), over, emit), output.shape, emit);
}

function fixedSource(x: Tensor, emit: Emitter): Source {
  const images = imagesOf(x.shape);
  const channels = roundUp(images.channels, emit.target.channelBlock);
  const name = channels === images.channels ? emit.blocked(x) : plainToBlocked(emit.name(x), x, emit, channels);
  return { ...images, channels, name };
}

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

interface PairingEmission {
  readonly geometry: ImageGeometry;
  /** Whether the moving operand is dy: the kernel's places then come in the opposite order. */
  readonly exchanged: boolean;
  readonly emit: Emitter;
}

/** `[K, C, ...kernel]` with the channels of blocks. */
function pairing(moving: Source, fixed: Source, { geometry: { kernel, strides, before }, exchanged, emit }: PairingEmission): Named {
  const block = emit.target.channelBlock;
  const [depth, height, width] = kernel as [number, number, number];
  const slabs = slabsOf(fixed, block);
  const filter = fixedFilter(fixed, slabs, emit);
  const lanes = moving.channels < block ? 1 : block;
  const attributes = {
    group: 1,
    kernel_shape: [slabs.rows, fixed.width],
    strides: [1, 1],
    dilations: [strides[1] as number, (strides[2] as number) * lanes],
    pads: [0, 0, 0, 0],
  };
  const places = range(depth).map((place) => {
    const input = movingInput(moving, fixed, { slabs, lanes, kernel, strides, before: before.with(0, (before[0] as number) - place), emit });
    return blockedNode('Conv', [input, filter], emit, attributes);
  });
  const inOrder = exchanged ? places.reverse() : places;
  const joined = depth === 1 ? (inOrder[0] as string) : emit.node('Concat', inOrder, { axis: 0 });
  const [groups, blocks] = [moving.channels / lanes, fixed.channels / block];
  const axes = exchanged ? [...(height > 1 ? [1] : []), ...(width > 1 ? [2] : [])] : [];
  const apart = reshapeTo(joined, [depth * groups * blocks, height, width, lanes * block], emit);
  const right = axes.length === 0 ? apart : flip(apart, axes, emit);
  const perFixed = lanesFirst(right, depth * groups * blocks, height * width * lanes, emit);
  const perMoving = lanes === 1 ? perFixed : lanesFirst(perFixed, depth * groups * fixed.channels, height * width, emit);
  const view = reshapeTo(perMoving, [depth, groups, fixed.channels, lanes, height * width], emit);
  const ordered = emit.node('Transpose', [view], { perm: exchanged ? [1, 3, 2, 0, 4] : [2, 1, 3, 0, 4] });
  const sides = exchanged ? [moving.channels, fixed.channels] : [fixed.channels, moving.channels];
  const shape = [...sides, ...kernel];
  return { name: reshapeTo(ordered, shape, emit), shape };
}

/** `[images, length, block]` -> `[images, block, length]` */
function lanesFirst(name: string, images: number, length: number, emit: Emitter): string {
  const block = emit.target.channelBlock;
  if (length === 1) return name;
  return blockedNode('ReorderOutput', [reshapeTo(name, [images, block, 1, length], emit)], emit, { channels: block });
}

/** Images cut into slabs of rows, so that slabs of all images fill the blocks that stand for input channels. */
interface Slabs {
  readonly perImage: number;
  readonly rows: number;
  /** Images in whole blocks of slabs; those added are zero. */
  readonly images: number;
}

function slabsOf({ count, height }: Source, block: number): Slabs {
  const choices = range(Math.min(block, height), 1).map((perImage) => {
    const images = roundUp(count * perImage, block) / perImage;
    return { perImage, rows: Math.ceil(height / perImage), images };
  });
  const work = ({ perImage, rows, images }: Slabs): number => perImage * rows * images;
  return choices.filter(({ images }) => Number.isInteger(images)).reduce((best, choice) => (work(choice) < work(best) ? choice : best));
}

/** `[C / block, slabs of all images / block, rows, width, block of slabs, block of C]` */
function fixedFilter({ name, count, channels, height, width }: Source, { perImage, rows, images }: Slabs, emit: Emitter): string {
  const block = emit.target.channelBlock;
  const [blocks, inputs] = [channels / block, images * perImage];
  const view = reshapeTo(name, [count, blocks, height, width * block], emit);
  const filled = padTo(view, [0, 0, 0, 0], [images - count, 0, perImage * rows - height, 0], emit);
  const slabs = perImage === 1 ? filled : emit.node('Transpose', [reshapeTo(filled, [images, blocks, perImage, rows * width * block], emit)], { perm: [0, 2, 1, 3] });
  const apart = reshapeTo(slabs, [inputs / block, block, blocks, rows * width, block], emit);
  return reshapeTo(emit.node('Transpose', [apart], { perm: [2, 0, 3, 1, 4] }), [channels, inputs, rows, width], emit);
}

interface MovingEmission {
  readonly slabs: Slabs;
  readonly lanes: number;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly before: readonly number[];
  readonly emit: Emitter;
}

/**
 * `[C / lanes, slabs of all images, rows, width x lanes]`, the images of one place in depth. The lanes of a block of channels
 * lie along the width, and the result's as well.
 */
function movingInput(moving: Source, fixed: Source, { slabs, lanes, kernel, strides, before, emit }: MovingEmission): string {
  const block = emit.target.channelBlock;
  const groups = moving.channels / lanes;
  const [above, left] = [before[1] as number, before[2] as number];
  const span = (size: number, axis: number): number => (size - 1) * (strides[axis] as number) + (kernel[axis] as number);
  const [height, width] = [span(slabs.perImage * slabs.rows, 1), span(fixed.width, 2)];
  const below = height - moving.height - above;
  const right = width - moving.width - left;
  const images = imagesInDepth(moving, fixed.depth, { stride: strides[0] as number, before: before[0] as number, emit });
  const view = reshapeTo(images, [fixed.count, groups, moving.height, moving.width * lanes], emit);
  const filled = padTo(view, [0, 0, above, left * lanes], [slabs.images - fixed.count, 0, below, right * lanes], emit);
  const rows = span(slabs.rows, 1);
  const cut = slabs.perImage === 1 ? filled : overlappingSlabs(filled, { slabs, rows, groups, step: slabs.rows * (strides[1] as number), emit });
  const inputs = slabs.images * slabs.perImage;
  const ordered = blockedNode('ReorderInput', [reshapeTo(cut, [inputs / block, block, groups * rows, width * lanes], emit)], emit);
  const perGroup = reshapeTo(ordered, [inputs / block, groups, rows * width * lanes * block], emit);
  const exchanged = inputs === block || groups === 1 ? perGroup : emit.node('Transpose', [perGroup], { perm: [1, 0, 2] });
  return reshapeTo(exchanged, [groups, inputs, rows, width * lanes], emit);
}

/** Images `i stride - before` of each sample, zero outside. */
function imagesInDepth({ name, batch, channels, depth, height, width }: Source, count: number, { stride, before, emit }: { stride: number; before: number; emit: Emitter }): string {
  const perSample = reshapeTo(name, [batch, depth, channels * height * width], emit);
  const shifted = padTo(perSample, [0, before, 0], [0, (count - 1) * stride + 1 - before - depth, 0], emit);
  if (stride === 1) return shifted;
  return emit.node('Slice', [shifted, emit.ints([0]), emit.ints([(count - 1) * stride + 1]), emit.ints([1]), emit.ints([stride])]);
}

interface SlabCut {
  readonly slabs: Slabs;
  readonly rows: number;
  readonly groups: number;
  /** Rows from the start of one slab to the next. */
  readonly step: number;
  readonly emit: Emitter;
}

function overlappingSlabs(filled: string, { slabs, rows, groups, step, emit }: SlabCut): string {
  const taken = range(slabs.perImage).flatMap((slab) => range(rows, slab * step));
  const gathered = emit.node('Gather', [filled, emit.ints(taken)], { axis: 2 });
  const apart = emit.node('Reshape', [gathered, emit.ints([slabs.images, groups, slabs.perImage, -1])]);
  return emit.node('Transpose', [apart], { perm: [0, 2, 1, 3] });
}

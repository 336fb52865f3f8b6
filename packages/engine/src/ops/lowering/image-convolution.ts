import type { Tensor } from '../../graph/tensor.ts';
import type { Emitter } from '../op-rule.ts';
import { inputChannels } from './blocked-filter.ts';
import { blockedNode, type Images, imagesOf, padTo, plainImages, plainToBlocked, reshapeTo } from './blocked-layout.ts';

/** Images a blocked convolution reads; fewer channels than a block are read from the plain layout. */
export interface Source extends Images {
  readonly name: string;
}

export function sourceOf(x: Tensor, emit: Emitter): Source {
  const block = emit.target.channelBlock;
  const images = imagesOf(x.shape);
  const channels = inputChannels(images.channels, block);
  if (channels < block) return { ...images, name: plainImages(emit.name(x), x.shape, emit) };
  if (channels === images.channels) return { ...images, name: emit.blocked(x) };
  return { ...images, channels, name: plainToBlocked(emit.name(x), x, emit, channels) };
}

/** One entry an axis: depth, height, width. */
export interface ImageGeometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Images of depth in the result. */
  readonly depth: number;
}

/**
 * Convolution over depth, height and width as 2-D convolutions, one for each place of the kernel in depth, each added to
 * the one before; a place that meets only padding is left out. Undefined when all are.
 */
export function convolveImages(
  source: Source,
  filters: readonly string[],
  geometry: ImageGeometry,
  emit: Emitter,
): string | undefined {
  const { kernel, strides, dilations, before, after, depth } = geometry;
  const attributes = {
    group: 1,
    kernel_shape: kernel.slice(1),
    strides: strides.slice(1),
    dilations: dilations.slice(1),
    pads: [...before.slice(1), ...after.slice(1)],
  };
  return filters.reduce<string | undefined>((sum, filter, place) => {
    const offset = place * (dilations[0] as number) - (before[0] as number);
    const images = shiftedImages(source, { offset, stride: strides[0] as number, count: depth }, emit);
    if (images === undefined) return sum;
    return blockedNode('Conv', sum === undefined ? [images, filter] : [images, filter, '', sum], emit, attributes);
  }, undefined);
}

interface DepthShift {
  readonly offset: number;
  readonly stride: number;
  readonly count: number;
}

/** Images `offset + i stride` of each sample, i < count; those outside are zero. Undefined when all are. */
function shiftedImages(source: Source, { offset, stride, count }: DepthShift, emit: Emitter): string | undefined {
  const { name, batch, channels, depth, height, width } = source;
  const first = Math.max(0, Math.ceil(-offset / stride));
  const last = Math.min(count - 1, Math.floor((depth - 1 - offset) / stride));
  if (last < first) return undefined;
  const perSample = reshapeTo(name, [batch, depth, channels * height * width], emit);
  const images = [batch * count, channels, height, width];
  if (stride === 1) {
    const shifted = padTo(perSample, [0, -offset, 0], [0, count + offset - depth, 0], emit);
    return shifted === perSample ? name : reshapeTo(shifted, images, emit);
  }
  const bounds = [[offset + first * stride], [offset + last * stride + 1], [1], [stride]];
  const taken = emit.node('Slice', [perSample, ...bounds.map((bound) => emit.ints(bound))]);
  return reshapeTo(padTo(taken, [0, first, 0], [0, count - 1 - last, 0], emit), images, emit);
}

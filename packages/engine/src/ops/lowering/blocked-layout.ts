import type { Shape } from '../../graph/shape.ts';
import type { TensorType } from '../../graph/tensor.ts';
import type { EmittedAttribute, Emitter } from '../op-rule.ts';

/**
 * onnxruntime's own layout of images on its CPU provider: channels in blocks of 8 or 16 that lie together, so that one
 * vector instruction works on a block. `[B, C, D, H, W]` stands as B x D images, declared `[B D, C, H, W]`, with memory
 * `[B D, C / block, H, W, block]`; fewer axes have D, then H, of 1.
 */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

export interface Images {
  readonly batch: number;
  readonly channels: number;
  readonly depth: number;
  readonly height: number;
  readonly width: number;
  /** batch x depth */
  readonly count: number;
}

export function imagesOf(shape: Shape): Images {
  const [batch = 1, channels = 1, ...space] = shape;
  const [depth, height, width] = [...Array<number>(3 - space.length).fill(1), ...space] as [number, number, number];
  return { batch, channels, depth, height, width, count: batch * depth };
}

export function fitsBlocks({ shape, dtype }: TensorType, { target }: Emitter): boolean {
  const { channelBlock } = target;
  const spatial = shape.length >= 3 && shape.length <= 5;
  return channelBlock > 0 && dtype !== 'float64' && spatial && (shape[1] as number) % channelBlock === 0;
}

export const roundUp = (count: number, block: number): number => Math.ceil(count / block) * block;

export function reshapeTo(name: string, shape: Shape, emit: Emitter): string {
  return emit.node('Reshape', [name, emit.ints(shape)], { allowzero: 1 });
}

/** Of a convolution that sees one place at a time. */
export const POINTWISE = {
  group: 1,
  kernel_shape: [1, 1],
  strides: [1, 1],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
} as const satisfies Record<string, EmittedAttribute>;

/** Names a blocked node's first output. */
export function blockedNode(
  opType: string,
  inputs: readonly string[],
  emit: Emitter,
  attributes: Record<string, EmittedAttribute> = {},
): string {
  return emit.node(opType, inputs, attributes, BLOCKED_DOMAIN);
}

/** A plain tensor as plain images `[B D, C, H, W]`. */
export function plainImages(plain: string, shape: Shape, emit: Emitter): string {
  if (shape.length === 4) return plain;
  const { batch, channels, depth, height, width, count } = imagesOf(shape);
  const images = [count, channels, height, width];
  if (channels === 1 || depth === 1) return reshapeTo(plain, images, emit);
  const apart = reshapeTo(plain, [batch, channels, depth, height * width], emit);
  return reshapeTo(emit.node('Transpose', [apart], { perm: [0, 2, 1, 3] }), images, emit);
}

/** Plain images back in the tensor's own axes. */
function fromPlainImages(images: string, shape: Shape, emit: Emitter): string {
  if (shape.length === 4) return images;
  const { batch, channels, depth, height, width } = imagesOf(shape);
  if (channels === 1 || depth === 1) return reshapeTo(images, shape, emit);
  const apart = reshapeTo(images, [batch, depth, channels, height * width], emit);
  return reshapeTo(emit.node('Transpose', [apart], { perm: [0, 2, 1, 3] }), shape, emit);
}

/** `channels` of the tensor's own or more: those added are zero. float32 only. */
export function plainToBlocked(
  plain: string,
  { shape }: TensorType,
  emit: Emitter,
  channels = shape[1] as number,
): string {
  const images = plainImages(plain, shape, emit);
  const missing = channels - (shape[1] as number);
  const padded = missing === 0 ? images : emit.node('Pad', [images, emit.ints([0, 0, 0, 0, 0, missing, 0, 0])]);
  return blockedNode('ReorderInput', [padded], emit);
}

/** Also drops channels that were added. */
export function blockedToPlain(blocked: string, { shape, dtype }: TensorType, emit: Emitter): string {
  if (dtype !== 'float32') return transposedToPlain(blocked, shape, emit);
  return fromPlainImages(blockedNode('ReorderOutput', [blocked], emit, { channels: shape[1] as number }), shape, emit);
}

function transposedToPlain(blocked: string, shape: Shape, emit: Emitter): string {
  const { batch, channels, depth, height, width } = imagesOf(shape);
  const block = emit.target.channelBlock;
  const apart = reshapeTo(blocked, [batch, depth, channels / block, height * width, block], emit);
  return reshapeTo(emit.node('Transpose', [apart], { perm: [0, 2, 4, 1, 3] }), shape, emit);
}

/** Zeros before and after along the axes of a value declared with as many axes; negative counts cut. */
export function padTo(name: string, before: readonly number[], after: readonly number[], emit: Emitter): string {
  if ([...before, ...after].every((count) => count === 0)) return name;
  return emit.node('Pad', [name, emit.ints([...before, ...after])]);
}

import { range } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ConvolutionEmission } from '../convolution-lowering.ts';
import type { Emitter } from '../op-rule.ts';
import { convolvesInBlocks, imageGeometry } from './blocked-convolution.ts';
import { filterShape, flip } from './blocked-filter.ts';
import { blockedNode, imagesOf, padTo, plainToBlocked, reshapeTo, roundUp } from './blocked-layout.ts';
import { type ImageGeometry, type Source, sourceOf } from './image-convolution.ts';
import { fixedFilter, movingInput, slabsOf } from './weight-operands.ts';

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
  return reshapeTo(
    padTo(
      whole.name,
      over.map(() => 0),
      over,
      emit,
    ),
    output.shape,
    emit,
  );
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
function pairing(moving: Source, fixed: Source, { geometry, exchanged, emit }: PairingEmission): Named {
  const block = emit.target.channelBlock;
  const { kernel, strides } = geometry;
  const [depth, height, width] = kernel as [number, number, number];
  const slabs = slabsOf(fixed, height, block);
  const lanes = moving.channels < block ? 1 : block;
  const filter = fixedFilter(fixed, slabs, emit);
  const attributes = {
    group: 1,
    kernel_shape: [slabs.rows, fixed.width],
    strides: [1, 1],
    dilations: [strides[1] as number, (strides[2] as number) * lanes],
    pads: [0, 0, 0, 0],
  };
  const places = range(depth).map((place) => {
    const input = movingInput(moving, { fixed, slabs, lanes, geometry, place, emit });
    return blockedNode('Conv', [input, filter], emit, attributes);
  });
  const inOrder = exchanged ? places.reverse() : places;
  const joined = depth === 1 ? (inOrder[0] as string) : emit.node('Concat', inOrder, { axis: 0 });
  const [groups, blocks] = [moving.channels / lanes, fixed.channels / block];
  const axes = exchanged ? [...(height > 1 ? [1] : []), ...(width > 1 ? [2] : [])] : [];
  const apart = reshapeTo(joined, [depth * groups * blocks, height, width, lanes * block], emit);
  const right = axes.length === 0 ? apart : flip(apart, axes, emit);
  const perFixed = lanesFirst(right, depth * groups * blocks, height * width * lanes, emit);
  const perMoving =
    lanes === 1 ? perFixed : lanesFirst(perFixed, depth * groups * fixed.channels, height * width, emit);
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

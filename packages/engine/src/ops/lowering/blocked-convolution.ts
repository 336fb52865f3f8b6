import type { Tensor } from '../../graph/tensor.ts';
import type { ConvolutionGeometry } from '../convolution.ts';
import type { ConvolutionEmission } from '../convolution-lowering.ts';
import type { Emitted, Emitter } from '../op-rule.ts';
import { blockedFilter, filterShape, filtersInDepth, turnFilter } from './blocked-filter.ts';
import { blockedToPlain, fitsBlocks, imagesOf } from './blocked-layout.ts';
import { convolveImages, type ImageGeometry, sourceOf } from './image-convolution.ts';

/** Whether a convolution between so many channels is worth the blocked layout. */
export function convolvesInBlocks(w: Tensor, { geometry, emit }: ConvolutionEmission): boolean {
  const { channelBlock } = emit.target;
  const [kernels = 1, channels = 1] = w.shape;
  if (channelBlock === 0 || w.dtype !== 'float32' || geometry.groups !== 1) return false;
  return w.shape.length <= 5 && Math.max(kernels, channels) >= channelBlock;
}

/** The blocked form of images with the tensor's channels, or the plain one where they do not fill blocks. */
export function standing(images: string, output: Tensor, emit: Emitter): Emitted {
  return fitsBlocks(output, emit) ? { blocked: () => images } : blockedToPlain(images, output, emit);
}

/** Entries of depth, height, width; an axis that is missing is one long. */
function perImageAxis(values: readonly number[], missing: number): number[] {
  return [...Array<number>(3 - values.length).fill(missing), ...values];
}

export function imageGeometry(w: Tensor, geometry: ConvolutionGeometry, depth: number): ImageGeometry {
  return {
    kernel: filterShape(w.shape).slice(2),
    strides: perImageAxis(geometry.strides, 1),
    dilations: perImageAxis(geometry.dilations, 1),
    before: perImageAxis(geometry.padBefore, 0),
    after: perImageAxis(geometry.padAfter, 0),
    depth,
  };
}

/** Undefined where the plain layout must serve. */
export function emitBlockedConvolution(x: Tensor, w: Tensor, emission: ConvolutionEmission): Emitted | undefined {
  const { geometry, output, emit } = emission;
  if (!convolvesInBlocks(w, emission)) return undefined;
  const filters = filtersInDepth(
    blockedFilter(emit.name(w), { shape: filterShape(w.shape), exchanged: false, emit }),
    emit,
  );
  const images = convolveImages(
    sourceOf(x, emit),
    filters,
    imageGeometry(w, geometry, imagesOf(output.shape).depth),
    emit,
  );
  return images && standing(images, output, emit);
}

/** Derivative by the input at stride 1: a convolution with the kernel turned round and its channels exchanged. */
export function emitBlockedTurned(dy: Tensor, w: Tensor, emission: ConvolutionEmission): Emitted | undefined {
  const { geometry, output, emit } = emission;
  if (!convolvesInBlocks(w, emission)) return undefined;
  const forward = imageGeometry(w, geometry, imagesOf(output.shape).depth);
  const opposite = (pads: readonly number[]): number[] =>
    pads.map((pad, i) => ((forward.kernel[i] as number) - 1) * (forward.dilations[i] as number) - pad);
  const turned = { ...forward, before: opposite(forward.before), after: opposite(forward.after) };
  if ([...turned.before.slice(1), ...turned.after.slice(1)].some((pad) => pad < 0)) return undefined;
  const filter = blockedFilter(emit.name(w), { shape: filterShape(w.shape), exchanged: true, emit });
  const images = convolveImages(sourceOf(dy, emit), filtersInDepth(turnFilter(filter, emit), emit), turned, emit);
  return images && standing(images, output, emit);
}

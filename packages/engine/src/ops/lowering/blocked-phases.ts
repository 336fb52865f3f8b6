import { range } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ConvolutionEmission } from '../convolution-lowering.ts';
import type { Emitted, Emitter } from '../op-rule.ts';
import { convolvesInBlocks, imageGeometry, standing } from './blocked-convolution.ts';
import { emitFilters, filterShape } from './blocked-filter.ts';
import { type Images, imagesOf, padTo, reshapeTo, roundUp } from './blocked-layout.ts';
import { convolveImages, type ImageGeometry, sourceOf } from './image-convolution.ts';

/**
 * Derivative by the input at strides above 1. Places of the result with the same remainder by the stride (a phase) meet the
 * same taps of the kernel: all phases are computed as channels of one convolution at stride 1, then woven into space.
 * A kernel as large as its stride, as in up-sampling, becomes a 1x1 convolution.
 */
export function emitBlockedPhases(dy: Tensor, w: Tensor, emission: ConvolutionEmission): Emitted | undefined {
  const { geometry, output, emit } = emission;
  if (!convolvesInBlocks(w, emission) || geometry.dilations.some((dilation) => dilation !== 1)) return undefined;
  const { kernel, strides, before } = imageGeometry(w, geometry, 1);
  const [space, given] = [spatial(imagesOf(output.shape)), spatial(imagesOf(dy.shape))];
  const axes = kernel.map((size, i) => phasesOf(size, strides[i] as number, before[i] as number));
  const places = space.map((size, i) => Math.ceil(size / (strides[i] as number)));
  const after = axes.map(({ last }, i) => (places[i] as number) - 1 + last - ((given[i] as number) - 1));
  const convolution: ImageGeometry = {
    kernel: axes.map(({ first, last }) => last - first + 1),
    strides: [1, 1, 1],
    dilations: [1, 1, 1],
    before: axes.map(({ first }) => -first),
    after,
    depth: places[0] as number,
  };
  if ([...convolution.before.slice(1), ...after.slice(1)].some((pad) => pad < 0)) return undefined;
  const channels = roundUp(imagesOf(output.shape).channels, emit.target.channelBlock);
  const weight = phaseWeight(w, { axes, strides, channels, emit });
  const filters = emitFilters(weight.name, { shape: weight.shape, turned: false, emit });
  const images = convolveImages(sourceOf(dy, emit), filters, convolution, emit);
  return images && standing(weave(images, { images: { ...imagesOf(output.shape), channels }, places, strides, emit }), output, emit);
}

const spatial = ({ depth, height, width }: Images): number[] => [depth, height, width];

interface Phases {
  /** Nearest and farthest element of dy that a place q stride + phase meets, counted from q. */
  readonly first: number;
  readonly last: number;
  /** For each phase and each element from first to last, the tap of the kernel; `size` where there is none. */
  readonly taps: readonly number[];
}

function phasesOf(size: number, stride: number, pad: number): Phases {
  const first = Math.ceil((pad - size + 1) / stride);
  const last = Math.floor((stride - 1 + pad) / stride);
  const taps = range(stride).flatMap((phase) =>
    range(last - first + 1, first).map((element) => phase + pad - stride * element),
  );
  return { first, last, taps: taps.map((tap) => (tap >= 0 && tap < size ? tap : size)) };
}

interface PhaseWeight {
  readonly axes: readonly Phases[];
  readonly strides: readonly number[];
  readonly channels: number;
  readonly emit: Emitter;
}

/** `[phases x C, K, ...]` from `[K, C, ...]` */
function phaseWeight(w: Tensor, { axes, strides, channels, emit }: PhaseWeight): { name: string; shape: number[] } {
  const [kernels = 1, given = 1, ...kernel] = filterShape(w.shape);
  const lacks = axes.map(({ taps }, i) => (taps.includes(kernel[i] as number) ? 1 : 0));
  const whole = reshapeTo(emit.name(w), [kernels, given, ...kernel], emit);
  const padded = padTo(whole, [0, 0, 0, 0, 0], [0, channels - given, ...lacks], emit);
  const gathered = axes.reduce((name, { taps }, i) => {
    const inOrder = taps.length === kernel[i] && taps.every((tap, place) => tap === place);
    return inOrder ? name : emit.node('Gather', [name, emit.ints(taps)], { axis: i + 2 });
  }, padded);
  const lengths = axes.map(({ first, last }) => last - first + 1);
  const apart = reshapeTo(gathered, [kernels, channels, ...lengths.flatMap((length, i) => [strides[i] as number, length])], emit);
  const ordered = emit.node('Transpose', [apart], { perm: [2, 4, 6, 1, 0, 3, 5, 7] });
  const phases = strides.reduce((product, stride) => product * stride, 1);
  const shape = [phases * channels, kernels, ...lengths];
  return { name: reshapeTo(ordered, shape, emit), shape };
}

interface Weave {
  readonly images: Images;
  /** Places of each phase along depth, height, width. */
  readonly places: readonly number[];
  readonly strides: readonly number[];
  readonly emit: Emitter;
}

/** Phases from the channels into space, whole blocks at a time. */
function weave(name: string, { images, places, strides, emit }: Weave): string {
  const block = emit.target.channelBlock;
  const { batch, count, channels, depth, height, width } = images;
  const [d, h, w] = places as [number, number, number];
  const [sd, sh, sw] = strides as [number, number, number];
  const apart = reshapeTo(name, [batch * d, sd, sh, sw, channels / block, h, w, block], emit);
  const woven = emit.node('Transpose', [apart], { perm: [0, 1, 4, 5, 2, 6, 3, 7] });
  const whole = reshapeTo(woven, [batch, d * sd, channels / block, h * sh, w * sw * block], emit);
  const over = [0, depth - d * sd, 0, height - h * sh, (width - w * sw) * block];
  return reshapeTo(padTo(whole, [0, 0, 0, 0, 0], over, emit), [count, channels, height, width], emit);
}

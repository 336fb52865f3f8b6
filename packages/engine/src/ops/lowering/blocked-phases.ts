import { range } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ConvolutionEmission } from '../convolution-lowering.ts';
import type { Emitted, Emitter } from '../op-rule.ts';
import { convolvesInBlocks, imageGeometry, standing } from './blocked-convolution.ts';
import { blockedFilter, type Filter, filterShape, filtersInDepth, perPlace } from './blocked-filter.ts';
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
  const filter = blockedFilter(emit.name(w), { shape: filterShape(w.shape), exchanged: true, emit });
  const filters = filtersInDepth(phaseFilter(filter, { axes, strides, emit }), emit);
  const images = convolveImages(sourceOf(dy, emit), filters, convolution, emit);
  return (
    images &&
    standing(weave(images, { images: { ...imagesOf(output.shape), channels }, places, strides, emit }), output, emit)
  );
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

interface PhaseEmission {
  readonly axes: readonly Phases[];
  readonly strides: readonly number[];
  readonly emit: Emitter;
}

/** The taps that each phase meets as a filter of its own; all phases stand as outputs of one. */
function phaseFilter(filter: Filter, { axes, strides, emit }: PhaseEmission): Filter {
  const block = emit.target.channelBlock;
  const { outputs, inputs, kernel } = filter;
  const lacks = axes.map(({ taps }, i) => (taps.includes(kernel[i] as number) ? 1 : 0)) as [number, number, number];
  const none = [0, 0, 0, 0, 0];
  const padded = padTo(perPlace(filter, emit), none, [lacks[0], 0, lacks[1], lacks[2], 0], emit);
  const gathered = axes.reduce((name, { taps }, i) => {
    const inOrder = taps.length === kernel[i] && taps.every((tap, place) => tap === place);
    return inOrder ? name : emit.node('Gather', [name, emit.ints(taps)], { axis: [0, 2, 3][i] as number });
  }, padded);
  const lengths = axes.map(({ first, last }) => last - first + 1);
  const [d, h, w] = strides.map((stride, i) => [stride, lengths[i] as number]) as [number[], number[], number[]];
  const rest = (outputs * inputs) / (inputs < block ? block : block * block);
  const apart = emit.node('Reshape', [gathered, emit.ints([...d, rest, ...h, ...w, -1])]);
  const name = emit.node('Transpose', [apart], { perm: [1, 0, 3, 5, 2, 4, 6, 7] });
  const phases = strides.reduce((product, stride) => product * stride, 1);
  return { name, outputs: phases * outputs, inputs, kernel: lengths };
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

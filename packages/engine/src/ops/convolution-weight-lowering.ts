import { elementCount, range } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { ConvolutionEmission } from './convolution-lowering.ts';
import { emitBlockedWeight } from './lowering/blocked-weight.ts';
import type { Emitter } from './op-rule.ts';

export function emitConvolutionWeight(x: Tensor, dy: Tensor, emission: ConvolutionEmission): string {
  return emitBlockedWeight(x, dy, emission) ?? tapProducts(x, dy, emission);
}

/**
 * Weight gradient: ONNX has no such operation. For each tap of the kernel the elements of x that it met are sliced out
 * and multiplied with dy, one matrix product a tap.
 */
function tapProducts(x: Tensor, dy: Tensor, { geometry, output, emit }: ConvolutionEmission): string {
  const { groups } = geometry;
  const [batch = 1, channels = 1] = x.shape;
  const [kernels = 1] = output.shape;
  const kernel = output.shape.slice(2);
  const places = elementCount(dy.shape.slice(2));
  const grouped = (count: number): number[] => [batch, groups, count / groups, places];
  const gradients = emit.node('Reshape', [emit.name(dy), emit.ints(grouped(kernels))]);
  const padded = emitPadded(x, { geometry, output, emit });
  const taps = tapOffsets(kernel).map((offset) => {
    const met = emit.node('Reshape', [
      emitTap(padded, offset, { x, dy, geometry, emit }),
      emit.ints(grouped(channels)),
    ]);
    const product = emit.matMul(gradients, met, { transposeB: true, rankA: 4, rankB: 4 });
    return emit.node('ReduceSum', [product, emit.ints([0])], { keepdims: 0 });
  });
  const perTap = [kernels, channels / groups, 1];
  const parts = taps.map((tap) => emit.node('Reshape', [tap, emit.ints(perTap)]));
  const joined = parts.length === 1 ? (parts[0] as string) : emit.node('Concat', parts, { axis: 2 });
  return emit.node('Reshape', [joined, emit.ints(output.shape)]);
}

function emitPadded(x: Tensor, { geometry, emit }: ConvolutionEmission): string {
  const { padBefore, padAfter } = geometry;
  if ([...padBefore, ...padAfter].every((pad) => pad === 0)) return emit.name(x);
  return emit.node('Pad', [emit.name(x), emit.ints([0, 0, ...padBefore, 0, 0, ...padAfter])]);
}

/** Every place in the kernel, last axis fastest. */
function tapOffsets(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>((offsets, size) => offsets.flatMap((o) => range(size).map((i) => [...o, i])), [[]]);
}

interface Tap {
  readonly x: Tensor;
  readonly dy: Tensor;
  readonly geometry: ConvolutionEmission['geometry'];
  readonly emit: Emitter;
}

function emitTap(padded: string, offset: readonly number[], { x, dy, geometry, emit }: Tap): string {
  const { strides, dilations, padBefore, padAfter } = geometry;
  const starts = offset.map((tap, i) => tap * (dilations[i] as number));
  const ends = starts.map((start, i) => start + ((dy.shape[i + 2] as number) - 1) * (strides[i] as number) + 1);
  const whole = starts.every((start, i) => {
    const size = (x.shape[i + 2] as number) + (padBefore[i] as number) + (padAfter[i] as number);
    return start === 0 && strides[i] === 1 && ends[i] === size;
  });
  if (whole) return padded;
  const axes = offset.map((_, i) => i + 2);
  return emit.node('Slice', [padded, ...[starts, ends, axes, strides].map((operand) => emit.ints(operand))]);
}

import type { Tensor } from '../graph/tensor.ts';
import type { ConvolutionGeometry } from './convolution.ts';
import { emitBlockedConvolution, emitBlockedTurned } from './lowering/blocked-convolution.ts';
import { emitBlockedPhases } from './lowering/blocked-phases.ts';
import type { Emitted, Emitter } from './op-rule.ts';

export interface ConvolutionEmission {
  readonly geometry: ConvolutionGeometry;
  readonly output: Tensor;
  readonly emit: Emitter;
}

export function emitConvolution(x: Tensor, w: Tensor, emission: ConvolutionEmission): Emitted {
  const { geometry, emit } = emission;
  return (
    emitBlockedConvolution(x, w, emission) ??
    emit.node('Conv', [emit.name(x), emit.name(w)], convAttributes(w, geometry))
  );
}

/** A stride of one turns the derivative into a convolution with the kernel turned round, which runs faster. */
export function emitConvolutionInput(dy: Tensor, w: Tensor, emission: ConvolutionEmission): Emitted {
  const { geometry } = emission;
  if (geometry.groups === 1 && geometry.strides.every((stride) => stride === 1)) {
    return emitBlockedTurned(dy, w, emission) ?? turnedConvolution(dy, w, emission);
  }
  return emitBlockedPhases(dy, w, emission) ?? strides(dy, w, emission);
}

function turnedConvolution(dy: Tensor, w: Tensor, { geometry, emit }: ConvolutionEmission): string {
  const { padBefore, padAfter, dilations } = geometry;
  const kernel = w.shape.slice(2);
  const span = kernel.map((size, i) => (dilations[i] as number) * (size - 1));
  const opposite = (pads: readonly number[]): number[] => span.map((length, i) => length - (pads[i] as number));
  const turned = emit.node('Transpose', [turn(emit.name(w), kernel, emit)], {
    perm: [1, 0, ...kernel.map((_, i) => i + 2)],
  });
  return emit.node('Conv', [emit.name(dy), turned], {
    kernel_shape: kernel,
    strides: kernel.map(() => 1),
    dilations,
    pads: [...opposite(padBefore), ...opposite(padAfter)],
  });
}

function turn(weight: string, kernel: readonly number[], emit: Emitter): string {
  const axes = kernel.flatMap((size, i) => (size > 1 ? [i + 2] : []));
  if (axes.length === 0) return weight;
  const lowest = -Number.MAX_SAFE_INTEGER;
  const operands = [axes.map(() => -1), axes.map(() => lowest), axes, axes.map(() => -1)];
  return emit.node('Slice', [weight, ...operands.map((operand) => emit.ints(operand))]);
}

function strides(dy: Tensor, w: Tensor, { geometry, output, emit }: ConvolutionEmission): string {
  const { padBefore, padAfter, dilations } = geometry;
  const rest = output.shape.slice(2).map((size, i) => {
    const span = (dilations[i] as number) * ((w.shape[i + 2] as number) - 1) + 1;
    const reached = ((dy.shape[i + 2] as number) - 1) * (geometry.strides[i] as number) + span;
    return size + (padBefore[i] as number) + (padAfter[i] as number) - reached;
  });
  return emit.node('ConvTranspose', [emit.name(dy), emit.name(w)], {
    ...convAttributes(w, geometry),
    output_padding: rest,
  });
}

function convAttributes(w: Tensor, { strides, padBefore, padAfter, dilations, groups }: ConvolutionGeometry) {
  return { kernel_shape: w.shape.slice(2), strides, dilations, pads: [...padBefore, ...padAfter], group: groups };
}

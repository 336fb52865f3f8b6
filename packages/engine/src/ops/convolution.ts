import { VesaliusError } from '@vesalius/errors';
import { assertRank, assertShape, type Shape } from '../graph/shape.ts';
import type { Node, Tensor } from '../graph/tensor.ts';
import { applyOne, only, pair, sameDtype } from './apply-op.ts';
import { emitConvolution, emitConvolutionInput } from './convolution-lowering.ts';
import { emitConvolutionWeight } from './convolution-weight-lowering.ts';
import type { OpRule } from './op-rule.ts';

/** How a kernel moves over the spatial axes; one entry an axis. */
export interface ConvolutionGeometry {
  readonly strides: readonly number[];
  readonly padBefore: readonly number[];
  readonly padAfter: readonly number[];
  readonly dilations: readonly number[];
  readonly groups: number;
}

export interface ConvolutionOptions {
  readonly stride?: number | readonly number[];
  /** Zeros on both sides of each axis. */
  readonly padding?: number | readonly number[];
  readonly dilation?: number | readonly number[];
  readonly groups?: number;
}

const geometryOf = (node: Node): ConvolutionGeometry => node.attributes as unknown as ConvolutionGeometry;

/**
 * The three faces of one trilinear form over (x, w, dy): each operation is the derivative of that form by the operand
 * it does not take, so that they are closed under differentiation to any order.
 */
export const convolutionRules = {
  /** x `[B, C, ...S]`, w `[K, C/groups, ...k]` -> `[B, K, ...S']` */
  convolution: {
    shape: (inputs, attributes) => {
      const [x, w] = pair(inputs, 'convolution');
      sameDtype('convolution', inputs);
      const geometry = attributes as unknown as ConvolutionGeometry;
      checkChannels(x.shape, w.shape, geometry.groups);
      return [
        {
          shape: [x.shape[0] as number, w.shape[0] as number, ...outputSize(x.shape, w.shape, geometry)],
          dtype: x.dtype,
        },
      ];
    },
    gradient: ({ node, inputs, outputGradients, needs }, $) => {
      const [x, w] = pair(inputs, 'convolution');
      const dy = only(outputGradients, 'convolution');
      const geometry = geometryOf(node);
      return [
        needs(0) ? $.convolutionInput(dy, w, x.shape, geometry) : null,
        needs(1) ? $.convolutionWeight(x, dy, w.shape, geometry) : null,
      ];
    },
    toOnnx: (node, emit) => [
      emitConvolution(...pair(node.inputs, 'convolution'), {
        geometry: geometryOf(node),
        emit,
        output: only(node.outputs, ''),
      }),
    ],
  },
  /** dy `[B, K, ...S']`, w `[K, C/groups, ...k]` -> `[B, C, ...S]` */
  convolutionInput: {
    shape: ([dy], attributes) => [{ shape: attributes['shape'] as Shape, dtype: only([dy], 'convolutionInput').dtype }],
    gradient: ({ node, inputs, outputGradients, needs }, $) => {
      const [dy, w] = pair(inputs, 'convolutionInput');
      const dx = only(outputGradients, 'convolutionInput');
      const geometry = geometryOf(node);
      return [
        needs(0) ? $.convolutionFrom(dx, w, geometry) : null,
        needs(1) ? $.convolutionWeight(dx, dy, w.shape, geometry) : null,
      ];
    },
    toOnnx: (node, emit) => [
      emitConvolutionInput(...pair(node.inputs, 'convolutionInput'), {
        geometry: geometryOf(node),
        emit,
        output: only(node.outputs, ''),
      }),
    ],
  },
  /** x `[B, C, ...S]`, dy `[B, K, ...S']` -> `[K, C/groups, ...k]` */
  convolutionWeight: {
    shape: ([x], attributes) => [{ shape: attributes['shape'] as Shape, dtype: only([x], 'convolutionWeight').dtype }],
    gradient: ({ node, inputs, outputGradients, needs }, $) => {
      const [x, dy] = pair(inputs, 'convolutionWeight');
      const dw = only(outputGradients, 'convolutionWeight');
      const geometry = geometryOf(node);
      return [
        needs(0) ? $.convolutionInput(dy, dw, x.shape, geometry) : null,
        needs(1) ? $.convolutionFrom(x, dw, geometry) : null,
      ];
    },
    toOnnx: (node, emit) => [
      emitConvolutionWeight(...pair(node.inputs, 'convolutionWeight'), {
        geometry: geometryOf(node),
        emit,
        output: only(node.outputs, ''),
      }),
    ],
  },
} as const satisfies Record<string, OpRule>;

function checkChannels(x: Shape, w: Shape, groups: number): void {
  assertRank('convolution: weight', w, x.length);
  const [channels, kernels, perGroup] = [x[1] as number, w[0] as number, w[1] as number];
  if (channels !== perGroup * groups || kernels % groups !== 0) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: `convolution: weight for ${channels} channels in ${groups} groups`,
      got: w,
      expected: `[multiple of ${groups}, ${channels / groups}, ...kernel]`,
    });
  }
}

function outputSize(x: Shape, w: Shape, { strides, padBefore, padAfter, dilations }: ConvolutionGeometry): number[] {
  return x.slice(2).map((size, i) => {
    const span = (dilations[i] as number) * ((w[i + 2] as number) - 1) + 1;
    const padded = size + (padBefore[i] as number) + (padAfter[i] as number);
    if (padded < span) {
      throw new VesaliusError('SHAPE_MISMATCH', {
        what: `convolution: axis ${i + 2}`,
        got: padded,
        expected: `at least the kernel's ${span}`,
      });
    }
    return Math.floor((padded - span) / (strides[i] as number)) + 1;
  });
}

/** One number for every axis, or the axes' own. */
export function perAxis(value: number | readonly number[] | undefined, axes: number, otherwise: number): number[] {
  return Array.from({ length: axes }, (_, i) => (typeof value === 'number' ? value : (value?.[i] ?? otherwise)));
}

function convolutionGeometry(axes: number, options: ConvolutionOptions): ConvolutionGeometry {
  const padding = perAxis(options.padding, axes, 0);
  return {
    strides: perAxis(options.stride, axes, 1),
    padBefore: padding,
    padAfter: padding,
    dilations: perAxis(options.dilation, axes, 1),
    groups: options.groups ?? 1,
  };
}

/**
 * Cross-correlation over 1, 2 or 3 spatial axes.
 *
 * @param x - `[B, C, ...S]`
 * @param w - `[K, C/groups, ...k]`
 * @returns `[B, K, ...S']`, S' = floor((S + 2 padding - dilation (k - 1) - 1) / stride) + 1
 * @parity torch.nn.functional.conv2d
 */
export function convolution(x: Tensor, w: Tensor, options: ConvolutionOptions = {}): Tensor {
  return convolutionFrom(x, w, convolutionGeometry(x.shape.length - 2, options));
}

export function convolutionFrom(x: Tensor, w: Tensor, geometry: ConvolutionGeometry): Tensor {
  return applyOne('convolution', convolutionRules.convolution, [x, w], { ...geometry });
}

/** Derivative of a convolution by its input; `shape` is that input's. */
export function convolutionInput(dy: Tensor, w: Tensor, shape: Shape, geometry: ConvolutionGeometry): Tensor {
  assertShape('convolution: gradient of the output', dy.shape.slice(2), outputSize(shape, w.shape, geometry));
  return applyOne('convolutionInput', convolutionRules.convolutionInput, [dy, w], { ...geometry, shape });
}

/** Derivative of a convolution by its weight; `shape` is that weight's. */
export function convolutionWeight(x: Tensor, dy: Tensor, shape: Shape, geometry: ConvolutionGeometry): Tensor {
  return applyOne('convolutionWeight', convolutionRules.convolutionWeight, [x, dy], { ...geometry, shape });
}

export interface TransposedConvolutionOptions extends ConvolutionOptions {
  /** Elements added at the end of each axis, where several input sizes give the same output size. */
  readonly outputPadding?: number | readonly number[];
}

/**
 * Transposed convolution: the derivative of a convolution by its input, used forwards.
 *
 * @param x - `[B, C, ...S]`
 * @param w - `[C, K/groups, ...k]`
 * @returns `[B, K, ...S']`, S' = (S - 1) stride - 2 padding + dilation (k - 1) + outputPadding + 1
 * @parity torch.nn.functional.conv_transpose2d
 */
export function transposedConvolution(x: Tensor, w: Tensor, options: TransposedConvolutionOptions = {}): Tensor {
  const axes = x.shape.length - 2;
  assertRank('transposedConvolution: weight', w.shape, x.shape.length);
  const geometry = convolutionGeometry(axes, options);
  const outputPadding = perAxis(options.outputPadding, axes, 0);
  const sizes = x.shape.slice(2).map((size, i) => {
    const span = (geometry.dilations[i] as number) * ((w.shape[i + 2] as number) - 1) + 1;
    return (
      (size - 1) * (geometry.strides[i] as number) -
      2 * (geometry.padBefore[i] as number) +
      span +
      (outputPadding[i] as number)
    );
  });
  const shape = [x.shape[0] as number, (w.shape[1] as number) * geometry.groups, ...sizes];
  return convolutionInput(x, w, shape, geometry);
}

import { elementCount, positiveAxis } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { applyOne, applyOp, only, pair } from './apply-op.ts';
import { emitLogSoftmax, emitSoftmax } from './lowering/softmax.ts';
import { emitStandardize } from './lowering/standardize.ts';
import type { OpRule } from './op-rule.ts';

/** Operations that look at whole axes to scale each element. */
export const normalizationRules = {
  /** Outputs: (x - mean) / sqrt(variance + epsilon), and 1 / sqrt(variance + epsilon). */
  standardize: {
    shape: ([x], attributes) => {
      const { shape, dtype } = only([x], 'standardize');
      const axes = attributes['axes'] as readonly number[];
      return [
        { shape, dtype },
        { shape: shape.map((size, axis) => (axes.includes(axis) ? 1 : size)), dtype },
      ];
    },
    gradient: ({ node, outputs, outputGradients: [dy, dScale] }, $) => {
      const axes = node.attributes['axes'] as readonly number[];
      const [y, scale] = pair(outputs, 'standardize');
      const centred = (g: Tensor): Tensor => $.sub($.sub(g, $.mean(g, axes)), $.mul(y, $.mean($.mul(g, y), axes)));
      const byValue = dy && $.mul(scale, centred(dy));
      if (!dScale) return [byValue ?? null];
      const share = elementCount(scale.shape) / elementCount(y.shape);
      const byScale = $.mul(y, $.mul($.mul(dScale, -share), $.mul(scale, scale)));
      return [byValue ? $.add(byValue, byScale) : byScale];
    },
    toOnnx: ({ inputs, attributes }, emit) => {
      const { axes, epsilon } = attributes as { axes: readonly number[]; epsilon: number };
      return emitStandardize(only(inputs, 'standardize'), { axes, epsilon, emit });
    },
  },
  softmax: {
    shape: ([x]) => [only([x], 'softmax')],
    gradient: ({ node, outputs, outputGradients }, $) => {
      const axis = node.attributes['axis'] as number;
      const weighted = $.mul(only(outputGradients, 'softmax'), only(outputs, 'softmax'));
      return [$.sub(weighted, $.mul(only(outputs, 'softmax'), $.sum(weighted, [axis])))];
    },
    toOnnx: ({ inputs, attributes }, emit) => [
      emitSoftmax(only(inputs, 'softmax'), { axis: attributes['axis'] as number, emit }),
    ],
  },
  logSoftmax: {
    shape: ([x]) => [only([x], 'logSoftmax')],
    gradient: ({ node, outputs, outputGradients }, $) => {
      const axis = node.attributes['axis'] as number;
      const dy = only(outputGradients, 'logSoftmax');
      return [$.sub(dy, $.mul($.exp(only(outputs, 'logSoftmax')), $.sum(dy, [axis])))];
    },
    toOnnx: ({ inputs, attributes }, emit) => [
      emitLogSoftmax(only(inputs, 'logSoftmax'), { axis: attributes['axis'] as number, emit }),
    ],
  },
} as const satisfies Record<string, OpRule>;

/** Zero mean and unit variance over the axes together; the variance is the biased one. */
export function standardize(x: Tensor, axes: readonly number[], epsilon = 1e-5): Tensor {
  const positive = axes.map((axis) => positiveAxis('standardize', axis, x.shape.length)).sort((a, b) => a - b);
  return only(applyOp('standardize', normalizationRules.standardize, [x], { axes: positive, epsilon }), 'standardize');
}

export function softmax(x: Tensor, axis: number): Tensor {
  return applyOne('softmax', normalizationRules.softmax, [x], { axis: positiveAxis('softmax', axis, x.shape.length) });
}

/** Logarithm of the softmax, without its rounding. */
export function logSoftmax(x: Tensor, axis: number): Tensor {
  return applyOne('logSoftmax', normalizationRules.logSoftmax, [x], {
    axis: positiveAxis('logSoftmax', axis, x.shape.length),
  });
}

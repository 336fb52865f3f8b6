import { VesaliusError } from '@vesalius/errors';
import type { Tensor } from '../graph/tensor.ts';
import { applyOne, applyOp, only, pair } from './apply-op.ts';
import { imagesOf, reshapeTo } from './lowering/blocked-layout.ts';
import type { Emitted, Emitter, OpRule } from './op-rule.ts';

/**
 * Values that decide *when* something is computed and *how* it is kept, never what it is. A runtime orders nodes by
 * what they read and merges equal ones, so a computation can only be put off by making it read what comes late.
 */
export const schedulingRules = {
  /** x, but not before `late` has been computed. */
  after: {
    shape: (inputs) => [pair(inputs, 'after')[0]],
    gradient: ({ outputGradients }) => [only(outputGradients, 'after'), null],
    toOnnx: ({ inputs }, emit) => {
      const [x, late] = pair(inputs, 'after');
      // A product with 1 is one pass; it keeps every number, NaN and the sign of zero among them.
      const gated = (name: string): string => emit.node('Mul', [name, oneAfter(late, x.dtype, emit)]);
      return [emit.standsBlocked(x) ? { blocked: () => gated(emit.blocked(x)) } : gated(emit.name(x))];
    },
  },
  /** Inputs: what a part starts from (`attributes.starts` of them), what else it reads, and last its result, which passes. */
  checkpoint: {
    shape: (inputs) => [inputs.at(-1) as Tensor],
    // `gradients` computes the part again; a rule sees one node only.
    gradient: 'none',
    toOnnx: ({ inputs }, emit) => [standingAs(inputs.at(-1) as Tensor, emit)],
  },
  /** Outputs: x rounded to half precision, and the half-precision numbers themselves. The gradient passes unrounded. */
  throughHalf: {
    shape: ([x]) => {
      const { shape, dtype } = only([x], 'throughHalf');
      if (dtype !== 'float32')
        throw new VesaliusError('DTYPE_MISMATCH', { what: 'throughHalf', got: dtype, expected: 'float32' });
      return [
        { shape, dtype },
        { shape, dtype: 'float16' },
      ];
    },
    gradient: ({ outputGradients }) => [outputGradients[0] ?? null],
    toOnnx: ({ inputs }, emit) => {
      const x = only(inputs, 'throughHalf');
      const half = (name: string): string => emit.node('Cast', [name], { to: FLOAT16 });
      const rounded = (name: string): string => emit.node('Cast', [half(name)], { to: FLOAT });
      if (!emit.standsBlocked(x)) return [rounded(emit.name(x)), half(emit.name(x))];
      return [{ blocked: () => rounded(emit.blocked(x)) }, { blocked: () => half(emit.blocked(x)) }];
    },
  },
  /** Half-precision numbers in single precision, not before `late` has been computed. */
  fromHalf: {
    shape: (inputs) => [{ shape: pair(inputs, 'fromHalf')[0].shape, dtype: 'float32' }],
    gradient: 'none',
    toOnnx: ({ inputs }, emit) => {
      const [half, late] = pair(inputs, 'fromHalf');
      if (!emit.standsBlocked(half)) return [widened(emit.name(half), half.shape, late, emit)];
      const { count, channels, height, width } = imagesOf(half.shape);
      return [{ blocked: () => widened(emit.blocked(half), [count, channels, height, width], late, emit) }];
    },
  },
} as const satisfies Record<string, OpRule>;

const FLOAT = 1;
const FLOAT16 = 10;

/** A shape that depends on `late` holds the numbers back without a pass over them; the second names it again. */
function widened(half: string, shape: readonly number[], late: Tensor, emit: Emitter): string {
  const lateShape = emit.node('Mul', [emit.ints(shape), oneAfter(late, 'int64', emit)]);
  const held = emit.node('Reshape', [half, lateShape], { allowzero: 1 });
  return reshapeTo(emit.node('Cast', [held], { to: FLOAT }), shape, emit);
}

/** The scalar 1, known only when the tensor is. */
function oneAfter(late: Tensor, dtype: Tensor['dtype'], emit: Emitter): string {
  const bases = emit.standsBlocked(late) ? emit.combination(late).terms.map(({ base }) => base) : [emit.name(late)];
  return bases.reduce(
    (one, base) => {
      const first = emit.node('Slice', [reshapeTo(base, [-1], emit), emit.ints([0]), emit.ints([1])]);
      const whichever = emit.node('IsNaN', [reshapeTo(first, [], emit)]);
      return emit.node('Where', [whichever, one, one]);
    },
    emit.scalar(1, dtype),
  );
}

function standingAs(x: Tensor, emit: Emitter): Emitted {
  if (emit.isCombination(x)) return { combination: emit.combination(x) };
  return emit.standsBlocked(x) ? { blocked: () => emit.blocked(x) } : emit.name(x);
}

/**
 * The same numbers, computed (with all that is made from them) only once `late` is there.
 *
 * @param x - numbers; bool and uint8 pass as they are
 * @param late - floating point
 */
export function after(x: Tensor, late: Tensor): Tensor {
  return x.dtype === 'bool' || x.dtype === 'uint8' ? x : applyOne('after', schedulingRules.after, [x, late]);
}

/** Marks a result as one that the backward pass computes again; `checkpoint` of autodiff finds out from what. */
export function markCheckpoint(result: Tensor, starts: readonly Tensor[], captured: readonly Tensor[]): Tensor {
  const inputs = [...starts, ...captured, result];
  return applyOne('checkpoint', schedulingRules.checkpoint, inputs, { starts: starts.length });
}

export interface HalfStored {
  readonly rounded: Tensor;
  /** float16 */
  readonly half: Tensor;
}

/** A float32 tensor rounded to half precision, and its half-precision form to keep. */
export function throughHalf(x: Tensor): HalfStored {
  const [rounded, half] = pair(applyOp('throughHalf', schedulingRules.throughHalf, [x]), 'throughHalf');
  return { rounded, half };
}

/** The float32 numbers of a kept float16 tensor, widened only once `late` (floating point) is there. */
export function fromHalf(half: Tensor, late: Tensor): Tensor {
  return applyOne('fromHalf', schedulingRules.fromHalf, [half, late]);
}

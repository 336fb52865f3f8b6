import type { Shape } from '../../graph/shape.ts';
import type { Combination, CombinationTerm, EmittedAttribute, Emitter } from '../op-rule.ts';
import { blockedNode, imagesOf, POINTWISE, reshapeTo } from './blocked-layout.ts';

interface CombinationEmission {
  readonly shape: Shape;
  readonly emit: Emitter;
  /** Applied to the sum. */
  readonly activation?: Activation;
}

export interface Activation {
  readonly activation: 'Relu' | 'LeakyRelu' | 'Clip';
  readonly activation_params?: { readonly floats: readonly number[] };
}

/**
 * Numbers of a combination. A depthwise 1x1 convolution over all channels of all images scales, shifts, adds another
 * value and clips at zero in one pass, where the runtime's broadcasting operators take one each.
 */
export function emitCombination(
  { terms, shift }: Combination,
  { shape, emit, activation }: CombinationEmission,
): string {
  const unit = terms.filter((term) => term.scale === undefined);
  const scaled = terms.filter((term) => term.scale !== undefined);
  const passes = scaled.length === 0 && (shift !== undefined || activation) ? unit.splice(0, 1) : scaled;
  const sum = unit
    .map((term) => term.base)
    .reduce<string | undefined>((a, b) => (a ? emit.node('Add', [a, b]) : b), undefined);
  return passes.reduce<string | undefined>((added, term, i) => {
    const last = i === passes.length - 1;
    return scalingPass(term, { shape, emit, added, ...(last ? { shift, activation } : {}) });
  }, sum) as string;
}

interface Pass {
  readonly shape: Shape;
  readonly emit: Emitter;
  readonly added: string | undefined;
  readonly shift?: string | undefined;
  readonly activation?: Activation | undefined;
}

function scalingPass({ base, scale }: CombinationTerm, { shape, emit, added, shift, activation }: Pass): string {
  const { count, channels, height, width } = imagesOf(shape);
  const all = [1, count * channels, height, width];
  const flat = (name: string): string => reshapeTo(name, all, emit);
  const weight = perImage(scale ?? emit.scalar(1, 'float32'), shape, [count * channels, 1, 1, 1], emit);
  const bias = shift === undefined ? '' : perImage(shift, shape, [count * channels], emit);
  const operands = added
    ? [flat(base), weight, bias, flat(added)]
    : bias
      ? [flat(base), weight, bias]
      : [flat(base), weight];
  const attributes: Record<string, EmittedAttribute> = { ...POINTWISE, group: count * channels };
  const result = blockedNode('Conv', operands, emit, { ...attributes, ...activation });
  return reshapeTo(result, [count, channels, height, width], emit);
}

/** One number a channel of each sample, repeated for each image of the sample. */
function perImage(values: string, shape: Shape, form: readonly number[], emit: Emitter): string {
  const { batch, channels, depth } = imagesOf(shape);
  const perSample = emit.node('Expand', [values, emit.ints([batch, channels, ...shape.slice(2).map(() => 1)])]);
  if (depth === 1) return reshapeTo(perSample, form, emit);
  const repeated = emit.node('Expand', [
    reshapeTo(perSample, [batch, 1, channels], emit),
    emit.ints([batch, depth, channels]),
  ]);
  return reshapeTo(repeated, form, emit);
}

/** 1 where the value is above zero, `negativeSlope` elsewhere: its product with the largest number, clipped. One pass. */
export function emitBlockedSlope(base: string, negativeSlope: number, { shape, emit }: CombinationEmission): string {
  const activation = { activation: 'Clip', activation_params: { floats: [negativeSlope, 1] } } as const;
  return emitCombination({ terms: [{ base, scale: emit.scalar(LARGEST, 'float32') }] }, { shape, emit, activation });
}

/** 2^127, the largest power of two in float32. */
const LARGEST = 2 ** 127;

export function scaleCombination({ terms, shift }: Combination, factor: string, emit: Emitter): Combination {
  const times = (scale: string | undefined): string =>
    scale === undefined ? factor : emit.node('Mul', [scale, factor]);
  return {
    terms: terms.map(({ base, scale }) => ({ base, scale: times(scale) })),
    shift: shift === undefined ? undefined : times(shift),
  };
}

export function shiftCombination({ terms, shift }: Combination, by: string, emit: Emitter): Combination {
  return { terms, shift: shift === undefined ? by : emit.node('Add', [shift, by]) };
}

/** Terms of the same base are joined. */
export function addCombinations(a: Combination, b: Combination, emit: Emitter): Combination {
  const plus = (x: string, y: string): string => emit.node('Add', [x, y]);
  const one = emit.scalar(1, 'float32');
  const terms = [...a.terms];
  for (const term of b.terms) {
    const i = terms.findIndex(({ base }) => base === term.base);
    if (i < 0) terms.push(term);
    else terms[i] = { base: term.base, scale: plus(terms[i]?.scale ?? one, term.scale ?? one) };
  }
  return { terms, shift: a.shift && b.shift ? plus(a.shift, b.shift) : (a.shift ?? b.shift) };
}

import type { Tensor } from '../graph/tensor.ts';
import * as $ from '../ops/operations.ts';
import { gradients } from './gradients.ts';

export interface PerSampleOptions {
  /** Builds the loss of one sample, a scalar, from the inputs' slices `[1, ...]`. Called once. */
  readonly loss: (...sample: Tensor[]) => Tensor;
  /** `[B, ...]` each. */
  readonly inputs: readonly Tensor[];
  /** What to differentiate by; asked after the loss is built, so that a network can be built in it. */
  readonly parameters: () => readonly Tensor[];
}

export interface PerSampleGradients {
  /** `[B]` */
  readonly losses: Tensor;
  /** `[B, ...p]` for each parameter p. */
  readonly gradients: readonly Tensor[];
}

/**
 * Every sample's own gradients. Samples run one after another, so only the results of all stand in memory at once.
 * Layers that draw random numbers draw the same ones for every sample of a run.
 */
export function perSampleGradients(options: PerSampleOptions): PerSampleGradients {
  const { stacked } = $.scan((slices) => {
    const { loss, found } = backwardOfOne(options, slices);
    return [loss, ...found];
  }, options.inputs);
  const [losses, ...all] = stacked;
  return { losses: losses as Tensor, gradients: all };
}

export interface ClippedOptions extends PerSampleOptions {
  /** Largest norm that one sample's gradients have together. */
  readonly clipNorm: number;
  /** `[B]` float32, 1 for a sample that counts and 0 for one that only fills the batch; all count by default. */
  readonly present?: Tensor;
}

export interface ClippedGradients {
  /** `[B]` */
  readonly losses: Tensor;
  /** `[B]`, of each sample's gradients together before clipping. */
  readonly norms: Tensor;
  /** Sum over the samples, for each parameter. */
  readonly sums: readonly Tensor[];
}

/**
 * Gradients of single samples, each scaled down to a norm, and their sum: the memory is that of one sample's gradients.
 *
 * @source Abadi et al. 2016, Deep Learning with Differential Privacy
 */
export function clippedGradients(options: ClippedOptions): ClippedGradients {
  const { inputs, clipNorm, present } = options;
  const sequences = present ? [...inputs, present] : inputs;
  const { carried, stacked } = $.scan((slices, carry) => {
    const { loss, found, parameters } = backwardOfOne(options, slices.slice(0, inputs.length));
    const norm = $.sqrt(found.map((g) => $.sum($.square(g), undefined, false)).reduce((a, b) => $.add(a, b)));
    const scale = $.minimum($.div(clipNorm, $.maximum(norm, 1e-12)), 1);
    const counts = slices[inputs.length];
    // A sample that only fills the batch may hold anything, so a choice and not a product leaves it out.
    const share = (g: Tensor): Tensor => (counts ? $.where($.greater(counts, 0), $.mul(g, scale), 0) : $.mul(g, scale));
    for (const [i, g] of found.entries()) carry($.zerosLike(parameters[i] as Tensor), (sum) => $.add(sum, share(g)));
    return [loss, norm];
  }, sequences);
  const [losses, norms] = stacked;
  return { losses: losses as Tensor, norms: norms as Tensor, sums: carried };
}

interface Backward {
  readonly loss: Tensor;
  readonly found: readonly Tensor[];
  readonly parameters: readonly Tensor[];
}

function backwardOfOne({ loss, parameters }: PerSampleOptions, slices: readonly Tensor[]): Backward {
  const built = loss(...slices.map((slice) => $.unsqueeze(slice, 0)));
  const by = parameters();
  return { loss: $.reshape(built, []), found: gradients(built, by), parameters: by };
}

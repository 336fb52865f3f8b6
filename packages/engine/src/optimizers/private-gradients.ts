import { VesaliusError } from '@vesalius/errors';
import { clippedGradients } from '../autodiff/per-sample-gradients.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Variable } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';

export interface PrivateGradientOptions {
  /** Builds the loss of one sample, a scalar, from the inputs' slices `[1, ...]`. Called once. */
  readonly loss: (...sample: Tensor[]) => Tensor;
  /** `[B, ...]` each, B being the most samples one run takes. */
  readonly inputs: readonly Tensor[];
  /** The builder's own `variables`, asked after the loss is built. */
  readonly variables: () => readonly Variable[];
  /** Largest norm that one sample's gradients have together: C. */
  readonly clipNorm: number;
  /** Deviation of the noise, in units of C: sigma. */
  readonly noiseMultiplier: number;
  /** What the noised sum is divided by; B by default, the sampling rate times the size of the data set for Poisson sampling. */
  readonly expectedBatchSize?: number;
  /** `[B]` float32, 1 for a sample that was drawn and 0 for one that only fills the batch. */
  readonly present?: Tensor;
  /** Parameters that stay as they are: they get no noise. */
  readonly frozen?: (name: string) => boolean;
}

export interface PrivateGradients {
  /** Mean over the batch. Not private, as are the norms: neither may leave the site. */
  readonly loss: Tensor;
  /** `[B]`, of each sample's gradients before clipping. */
  readonly norms: Tensor;
  /** For `trainingProgram`, which must freeze the same parameters. */
  readonly gradientsOf: (trained: readonly Variable[]) => readonly Tensor[];
}

/**
 * The gradients of DP-SGD: (sum of the samples' clipped gradients + sigma C z) / B. The feeds `noise.<name>`, of each
 * parameter's shape, are z: standard normal numbers from a cryptographic generator, new at every run.
 *
 * @throws INVALID_ARGUMENT when a layer mixes the samples of a batch
 * @source Abadi et al. 2016, Deep Learning with Differential Privacy
 */
export function privateGradients(options: PrivateGradientOptions): PrivateGradients {
  const { inputs, variables, clipNorm, noiseMultiplier, frozen = () => false } = options;
  const trained = (): Variable[] => variables().filter(({ name, trainable }) => trainable && !frozen(name));
  const { losses, norms, sums } = clippedGradients({
    ...options,
    parameters: () => trained().map(({ tensor }) => tensor),
  });
  assertSamplesApart(variables());
  const size = options.expectedBatchSize ?? (inputs[0]?.shape[0] as number);
  const noised = trained().map(({ name, tensor }, i) => {
    const noise = $.mul($.input(`noise.${name}`, tensor.shape), noiseMultiplier * clipNorm);
    return [name, $.mul($.add(sums[i] as Tensor, noise), 1 / size)] as const;
  });
  const byName = new Map(noised);
  return {
    loss: meanLoss(losses, options.present),
    norms,
    gradientsOf: (asked) => asked.map(({ name }) => noisedOf(byName, name)),
  };
}

function noisedOf(byName: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const gradient = byName.get(name);
  if (!gradient)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'private gradient',
      got: `none of ${name}`,
      expected: 'the same frozen parameters',
    });
  return gradient;
}

function meanLoss(losses: Tensor, present: Tensor | undefined): Tensor {
  if (!present) return $.mean(losses, [0], false);
  const counted = $.sum($.where($.greater(present, 0), losses, 0), [0], false);
  return $.div(counted, $.maximum($.sum(present, [0], false), 1));
}

/**
 * Names of the layers that look at more than one sample: those with running statistics. No gradient of theirs belongs
 * to one sample, and the statistics would leave the site without noise.
 */
export function sampleMixingLayers(variables: readonly Variable[]): string[] {
  const layers = variables
    .filter(({ next }) => next !== undefined)
    .map(({ name }) => name.split('.').slice(0, -1).join('.'));
  return [...new Set(layers)];
}

/** @throws INVALID_ARGUMENT that names the layers which mix samples, and what to use instead */
export function assertSamplesApart(variables: readonly Variable[]): void {
  const layers = sampleMixingLayers(variables);
  if (layers.length === 0) return;
  const more = layers.length > 5 ? ` and ${layers.length - 5} more` : '';
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: 'per-sample gradients: layers that mix samples',
    got: layers.slice(0, 5).join(', ') + more,
    expected: 'group or instance norm in the place of batch norm',
  });
}

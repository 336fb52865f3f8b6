import { VesaliusError } from '@vesalius/errors';
import { gradients } from '../autodiff/gradients.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Variable } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';
import { storeInHalf } from '../precision/half-storage.ts';
import { isFiniteScalar, type LossScale, lossScale } from '../precision/loss-scale.ts';
import { Random } from '../random/random.ts';
import type { Program, StateVariable } from '../runtime/compile.ts';
import type { TensorValue } from '../runtime/tensor-value.ts';
import { accumulate } from './accumulation.ts';
import type { Optimizer } from './optimizer.ts';
import { updateParameter } from './parameter-update.ts';

export const LEARNING_RATE = 'learning_rate';
export const STEP = 'step';

export interface TrainingProgramOptions {
  /** Scalar to make small. */
  readonly loss: Tensor;
  readonly variables: readonly Variable[];
  readonly optimizer: Optimizer;
  /** The gradients' common norm is scaled down to this. */
  readonly clipNorm?: number;
  /** Decay of a moving average of the parameters, kept as states `ema.<name>`. */
  readonly emaDecay?: number;
  /** Lets a short training forget its beginning: the decay is at most (1 + step) / (10 + step). On by default. */
  readonly emaWarmUp?: boolean;
  /**
   * Runs a step is made of, 1 by default: the mean of their gradients makes one update, so k runs equal one with a batch
   * k times as large where the loss is a mean over samples. `step` and `learning_rate` are read in the last.
   */
  readonly accumulate?: number;
  /** `mixed` keeps activations as float16 until the backward pass, with a dynamic loss scale; float32 by default. */
  readonly precision?: 'float32' | 'mixed';
  /** Factor on the learning rate, by the parameter's name. */
  readonly learningRateFactor?: (name: string) => number;
  /** Which parameters the optimizer's weight decay applies to, all by default; see `isMatrix`. */
  readonly decays?: (variable: Variable) => boolean;
  /** Which parameters stay as they are, none by default. */
  readonly frozen?: (name: string) => boolean;
  /** Gradients by the trained parameters in their order, in the place of the loss's own: clipped, noised or averaged ones. */
  readonly gradientsOf?: (trained: readonly Variable[]) => readonly Tensor[];
  /** More values to read after each step. */
  readonly outputs?: Readonly<Record<string, Tensor>>;
}

/** For `decays`: matrices and kernels, not biases and the scales of norms. */
export const isMatrix = ({ tensor }: Variable): boolean => tensor.shape.length > 1;

/**
 * One training step as a graph: forward, backward, clipping, update. Feeds are those of the loss, and the scalars
 * `learning_rate` and `step` (from 1). Outputs are `loss`, `gradient_norm` and those asked for; with mixed precision
 * `loss_scale` and `skipped` (1 when the gradients were not finite: then parameters, moments, averages, running
 * statistics and the optimizer's own count of steps stay as they were).
 */
export function trainingProgram(options: TrainingProgramOptions): Program {
  const { variables, frozen = () => false, clipNorm } = options;
  const trained = variables.filter(({ name, trainable }) => trainable && !frozen(name));
  const backward = backwardPass(options, trained);
  const gathered =
    options.accumulate === undefined ? undefined : accumulate(trained, backward.gradients, options.accumulate);
  const raw = gathered?.gradients ?? backward.gradients;
  const norm = $.sqrt(
    raw.map((g) => $.reshape($.sum($.square(g)), [])).reduce((a, b) => $.add(a, b), $.constant([0], [])),
  );
  const clipped =
    clipNorm === undefined ? raw : raw.map((g) => $.mul(g, $.minimum($.div(clipNorm, $.add(norm, 1e-6)), 1)));
  const finite = backward.scale && isFiniteScalar(norm);
  const commit = gathered && finite ? $.and(gathered.ends, finite) : (gathered?.ends ?? finite);
  const states = {
    ...committed(updates(options, { trained, gradients: clipped, scale: backward.scale }), commit),
    ...committed(kept(variables, trained, backward.standing), finite),
    ...gathered?.states,
    ...(backward.scale && finite ? backward.scale.states(gathered?.ends, finite) : {}),
  };
  return { outputs: outputsOf(options, backward, { norm, finite }), states };
}

interface BackwardPass {
  readonly gradients: readonly Tensor[];
  readonly scale: LossScale | undefined;
  /** What has taken the place of a tensor of the forward pass. */
  readonly standing: (tensor: Tensor) => Tensor;
}

function backwardPass(
  { loss, precision, variables, outputs = {}, gradientsOf }: TrainingProgramOptions,
  trained: readonly Variable[],
): BackwardPass {
  const parameters = trained.map(({ tensor }) => tensor);
  if (precision !== 'mixed') {
    return {
      gradients: gradientsOf?.(trained) ?? gradients(loss, parameters),
      scale: undefined,
      standing: (tensor) => tensor,
    };
  }
  if (gradientsOf) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'precision',
      got: 'mixed with gradientsOf',
      expected: 'float32',
    });
  }
  const others = [...Object.values(outputs), ...variables.flatMap(({ next }) => next ?? [])];
  const { standing, restore } = storeInHalf(loss, parameters, others);
  const scale = lossScale();
  const scaled = standing(loss);
  const found = gradients(scaled, parameters, { seed: $.reshape(scale.value, scaled.shape), restore });
  return { gradients: found.map((g) => $.div(g, scale.value)), scale, standing };
}

interface Updates {
  readonly trained: readonly Variable[];
  readonly gradients: readonly Tensor[];
  readonly scale: LossScale | undefined;
}

function updates(
  options: TrainingProgramOptions,
  { trained, gradients, scale }: Updates,
): Record<string, StateVariable> {
  const { optimizer, emaDecay, emaWarmUp = true, learningRateFactor = () => 1, decays = () => true } = options;
  const learningRate = $.input(LEARNING_RATE, []);
  const fed = $.input(STEP, []);
  const step = scale ? $.sub(fed, scale.skipped) : fed;
  const warm = (decay: number): Tensor => $.minimum($.div($.add(step, 1), $.add(step, 10)), decay);
  const states = trained.map((variable, i) => {
    const factor = learningRateFactor(variable.name);
    return updateParameter(variable, {
      optimizer,
      gradient: gradients[i] as Tensor,
      learningRate: factor === 1 ? learningRate : $.mul(learningRate, factor),
      step,
      decays: decays(variable),
      emaDecay: emaDecay !== undefined && emaWarmUp ? warm(emaDecay) : emaDecay,
    });
  });
  return Object.assign({}, ...states) as Record<string, StateVariable>;
}

/** Variables that are not trained: buffers with what the forward pass leaves in them, and frozen parameters. */
function kept(
  variables: readonly Variable[],
  trained: readonly Variable[],
  standing: BackwardPass['standing'],
): Record<string, StateVariable> {
  const others = variables.filter((variable) => !trained.includes(variable));
  return Object.fromEntries(
    others.map(({ name, tensor, next }) => [
      name,
      next ? { current: tensor, next: standing(next) } : { current: tensor },
    ]),
  );
}

/** States that move on only where the condition holds. */
function committed(
  states: Record<string, StateVariable>,
  condition: Tensor | undefined,
): Record<string, StateVariable> {
  if (!condition) return states;
  const held = Object.entries(states).map(([name, { current, next }]) => {
    return [name, next ? { current, next: $.where(condition, next, current) } : { current }] as const;
  });
  return Object.fromEntries(held);
}

interface Measured {
  readonly norm: Tensor;
  readonly finite: Tensor | undefined;
}

function outputsOf(
  { loss, outputs = {} }: TrainingProgramOptions,
  { scale, standing }: BackwardPass,
  { norm, finite }: Measured,
): Program['outputs'] {
  const named = Object.entries(outputs).map(([name, tensor]) => [name, standing(tensor)] as const);
  const scaling = scale && finite ? { loss_scale: scale.value, skipped: $.cast($.not(finite), 'float32') } : {};
  return { loss: $.reshape(standing(loss), []), gradient_norm: norm, ...scaling, ...Object.fromEntries(named) };
}

/** First values of every variable; the moving averages start at the same. */
export function initialValues(variables: readonly Variable[], seed: number): Map<string, TensorValue> {
  const values = variables.map(({ name, tensor, initializer }) => {
    const data = initializer(tensor.shape, new Random(seed).fork(name));
    return [name, { shape: tensor.shape, dtype: tensor.dtype, data }] as const;
  });
  return new Map(values);
}

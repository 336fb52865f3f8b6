import { VesaliusError } from '@vesalius/errors';
import type { PlannedMethod, PlannedNetwork, TrainingPlan } from '../planning/training-plan.ts';
import type { Size } from '../transforms/sample.ts';
import type { AugmentationSetup, NetworkBuilder, NetworkSetup, SegmentationSetup } from './training-setup.ts';

/** Networks that plans may name, beside medical's own: how each is built as a plan describes it. */
export type MethodNetworks = Readonly<Record<string, ((planned: PlannedMethod) => NetworkBuilder) | undefined>>;

const STRENGTH = {
  light: { rotationRadians: 0.1, scale: 0.08, elasticProbability: 0, intensity: 0.3 },
  standard: { rotationRadians: 0.25, scale: 0.15, elasticProbability: 0.2, intensity: 1 },
  strong: { rotationRadians: 0.35, scale: 0.2, elasticProbability: 0.3, intensity: 1.2 },
} as const;

/** A slope between ReLU's and PReLU's first: classes that differ by place alone part sooner than with 0.01. */
const ACTIVATION = { name: 'leakyrelu', negativeSlope: 0.2 } as const;
/** A thousand pictures of one camera are of one camera still, so the strength is the same for any number of cases. */
const COLOUR_SHARE = 0.8;
const CLIP_NORM = 12;
/** Over some three hundred steps; the average warms up, so that a short training is not its first steps. */
const EMA_DECAY = 0.997;

/**
 * What a training runs by, without the plan's reasons.
 *
 * @param methods - where a network that is none of medical's own is found
 * @throws UNKNOWN_OPTION for a network that is not there
 */
export function setupOfPlan(plan: TrainingPlan, methods: MethodNetworks = {}): SegmentationSetup {
  const { name, power, warmUpSteps } = plan.schedule.value;
  const { learningRate, weightDecay } = plan.optimizer.value;
  return {
    network: networkSetup(plan.network.value, methods),
    channels: plan.network.value.inChannels,
    classes: plan.classes.length,
    patchSize: sizeOfShape(plan.patchShape.value),
    batchSize: plan.batchSize.value,
    foregroundShare: plan.foregroundShare.value,
    optimizer: { name: 'AdamW', weightDecay },
    learningRate: { name: name === 'polynomial' ? 'poly' : name, base: learningRate, warmupSteps: warmUpSteps, power },
    ...(plan.loss.value.name === 'RarityWeightedLoss' && { loss: plan.loss.value.name }),
    clipNorm: CLIP_NORM,
    emaDecay: EMA_DECAY,
    augmentation: augmentationOf(plan),
    ...(plan.precision && { precision: plan.precision.value }),
    ...(plan.interaction && {
      interaction: { sigmaMm: plan.interaction.value.sigmaMm, spacingMm: plan.targetSpacingMm.value },
    }),
  };
}

/** @throws UNKNOWN_OPTION for a network that is not there */
export function networkSetup(planned: PlannedNetwork, methods: MethodNetworks): NetworkSetup {
  if (planned.name === 'Method') {
    const { name, method, fixedSize } = planned;
    const build = methods[method]?.(planned);
    if (build) return { name, method, fixedSize, build };
    throw new VesaliusError('UNKNOWN_OPTION', { what: 'network', got: method, expected: Object.keys(methods) });
  }
  const { inChannels: _, ...network } = planned;
  if (network.name === 'UNet') {
    const { name, ...options } = network;
    return { name, options: { ...options, norm: { name: 'instance', affine: true }, act: ACTIVATION } };
  }
  const { name, ...options } = network;
  return { name, options };
}

/** A shape of two or three axes as depth, height and width. */
export function sizeOfShape(shape: readonly number[]): Size {
  return (shape.length === 2 ? [1, ...shape] : shape) as unknown as Size;
}

/** Product of the strides along each axis: what the image's size must be a multiple of. */
export function divisorOfPlan({ network }: TrainingPlan): Size {
  const { strides } = network.value;
  const axes = strides[0]?.length ?? 3;
  return sizeOfShape(
    Array.from({ length: axes }, (_, i) => strides.reduce((product, stride) => product * (stride[i] ?? 1), 1)),
  );
}

function augmentationOf({ augmentation, spatialDimensions }: TrainingPlan): AugmentationSetup {
  const { strength, mirrorAxes, inPlaneOnly, colour = false, channelDropout = false } = augmentation.value;
  const offset = 3 - spatialDimensions.value;
  return {
    ...STRENGTH[strength],
    flipAxes: mirrorAxes.map((axis) => axis + offset),
    inPlaneOnly,
    ...(colour && { colour: COLOUR_SHARE }),
    ...(channelDropout && { channelDropout }),
  };
}

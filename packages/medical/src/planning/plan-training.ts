import { VesaliusError } from '@vesalius/errors';
import type { Triple } from '@vesalius/volume';
import type { ChannelFingerprint, DatasetFingerprint } from './fingerprint.ts';
import { planStages, type StagePlan } from './plan-stages.ts';
import type {
  ChannelNormalization,
  Choice,
  PlannedAugmentation,
  PlannedNetwork,
  TrainingPlan,
} from './training-plan.ts';

export interface PlanOptions {
  /** What the plan must fit: two CPU cores (default), or a graphics card of 8 GB. */
  readonly device?: 'cpu' | 'gpu';
}

/** Kind of network, most voxels of a patch and of a batch, features of the first level and at most, and levels. */
const BUDGETS = {
  cpu: { network: 'UNet', patchVoxels: 64 ** 3, batchVoxels: 0, features: 16, mostFeatures: 160, mostLevels: 5 },
  gpu: {
    network: 'DynUNet',
    patchVoxels: 128 ** 3,
    batchVoxels: 2 * 128 ** 3,
    features: 32,
    mostFeatures: 320,
    mostLevels: 6,
  },
} as const;
type Budget = (typeof BUDGETS)[keyof typeof BUDGETS];

const ANISOTROPIC = 3;
const SMALLEST_BATCH = 2;
const LARGEST_BATCH_SHARE = 0.05;
const MASKED_SHARE = 0.25;
/** Names of a coloured picture's channels. */
const COLOURS = 'red,green,blue';

/**
 * Decides everything that depends on the data, each choice with its reason.
 *
 * @throws DATA_MISMATCH when there are not at least the background and one class to find
 * @source Isensee et al. 2021, nnU-Net: heuristic rules from fingerprint to configuration
 */
export function planTraining(fingerprint: DatasetFingerprint, { device = 'cpu' }: PlanOptions = {}): TrainingPlan {
  if (fingerprint.classes.length < 2) {
    const got = fingerprint.classes.map(({ value }) => value);
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'label values',
      got,
      expected: 'background and at least one class',
    });
  }
  const budget = BUDGETS[device];
  const dimensions = fingerprint.sizeVoxels.median[2] < 2 ? 2 : 3;
  const targetSpacingMm = planSpacing(fingerprint);
  const medianSize = fingerprint.sizeVoxels.median.map((n, axis) =>
    Math.max(
      1,
      Math.round((n * (fingerprint.spacingMm.median[axis] as number)) / (targetSpacingMm.value[axis] as number)),
    ),
  );
  const stages = planStages({
    medianSize: medianSize.slice(0, dimensions),
    spacingMm: targetSpacingMm.value.slice(0, dimensions),
    patchVoxels: budget.patchVoxels,
    mostLevels: budget.mostLevels,
  });
  return {
    format: 'vesalius-plan/1',
    dataset: fingerprint.name,
    spatialDimensions: planDimensions(dimensions),
    orientation: planOrientation(fingerprint),
    targetSpacingMm,
    ...planCrop(fingerprint.channels),
    normalization: planNormalization(fingerprint.channels),
    classes: fingerprint.classes.map(({ value, name }) => ({ value, name })),
    ...planPatches({ fingerprint, stages, medianSize, budget }),
    ...TRAINING,
    augmentation: planAugmentation(fingerprint, dimensions),
    keepLargestCandidates: planPostProcessing(fingerprint),
    fingerprint,
  };
}

function planDimensions(dimensions: 2 | 3): Choice<2 | 3> {
  const why =
    dimensions === 2 ? 'The images are single slices.' : 'The scans are volumes; the network sees them whole.';
  return { value: dimensions, why };
}

function planOrientation({ orientation, orientations, cases }: DatasetFingerprint): Choice<string> {
  const count = orientations[orientation] ?? 0;
  const others = cases - count;
  const rest = others === 0 ? '.' : `; the other ${others} are turned to it, without interpolation.`;
  return { value: orientation, why: `${count} of ${cases} scans are stored this way${rest}` };
}

function planSpacing({ spacingMm, anisotropy }: DatasetFingerprint): Choice<Triple> {
  const { median, percentile10 } = spacingMm;
  const coarsest = median.indexOf(Math.max(...median));
  if (anisotropy <= ANISOTROPIC) {
    return { value: median, why: 'The median spacing of the data: as few scans as possible are interpolated by much.' };
  }
  const inPlane = Math.max(...median.filter((_, axis) => axis !== coarsest));
  const fine = Math.max(percentile10[coarsest] as number, inPlane);
  const value = median.map((mm, axis) => (axis === coarsest ? fine : mm)) as unknown as Triple;
  const why = `Median spacing, but the 10th percentile across the thick slices: they are ${anisotropy.toFixed(1)} times as thick as the plane is fine, and the thinner ones keep their detail.`;
  return { value, why };
}

/** Only where a mask was laid over every channel: elsewhere zeros may mean something. */
function planCrop(channels: readonly ChannelFingerprint[]): Pick<TrainingPlan, 'cropForeground'> {
  const masked = channels.every(({ modality, zeroShare }) => modality === 'other' && zeroShare > MASKED_SHARE);
  const why = 'Every channel is masked: the network sees nothing but what is inside the mask.';
  return masked ? { cropForeground: { value: true, why } } : {};
}

function planNormalization(channels: readonly ChannelFingerprint[]): Choice<readonly ChannelNormalization[]> {
  const value = channels.map(normalizationOf);
  const reasons = [...Map.groupBy(channels, reasonOf)].map(
    ([reason, alike]) => `${alike.map(({ name }) => name).join(', ')}: ${reason}`,
  );
  return { value, why: reasons.join(' ') };
}

function normalizationOf({ modality, foreground, zeroShare }: ChannelFingerprint): ChannelNormalization {
  if (modality === 'other') {
    return { kind: 'robust-z-score', clipPercentiles: [0.5, 99.5], nonZeroOnly: zeroShare > MASKED_SHARE };
  }
  const { percentile0_5, percentile99_5, mean, standardDeviation } = foreground;
  return { kind: 'ct', clip: [percentile0_5, percentile99_5], mean, standardDeviation };
}

function reasonOf({ modality, scaleSpread, zeroShare }: ChannelFingerprint): string {
  if (modality === 'ct')
    return 'Hounsfield units mean the same in every scan, so figures of the whole data set are used.';
  const masked =
    zeroShare > MASKED_SHARE
      ? ` ${Math.round(100 * zeroShare)} % of a typical scan is exactly 0, masked out, and left alone.`
      : '';
  const spread =
    scaleSpread !== undefined && scaleSpread > 10
      ? ` (scales here are up to ${Math.round(scaleSpread)} times apart)`
      : '';
  return `units differ from scan to scan${spread}, so each is scaled by itself, after clipping outliers.${masked}`;
}

interface PatchInput {
  readonly fingerprint: DatasetFingerprint;
  readonly stages: StagePlan;
  readonly medianSize: readonly number[];
  readonly budget: Budget;
}

function planPatches({
  fingerprint,
  stages,
  medianSize,
  budget,
}: PatchInput): Pick<TrainingPlan, 'patchShape' | 'network' | 'batchSize' | 'inferer'> {
  const patchShape = stages.patch.toReversed();
  const covered = stages.patch.every((n, axis) => n >= (medianSize[axis] as number));
  const median = medianSize.slice(0, stages.patch.length).toReversed().join(' x ');
  const extent = covered
    ? `A whole typical scan (${median})`
    : `As much of a typical scan (${median}) as ${budget.patchVoxels} voxels allow`;
  return {
    patchShape: { value: patchShape, why: `${extent}, rounded so that every level halves evenly.` },
    network: planNetwork(fingerprint, stages, budget),
    batchSize: planBatch(fingerprint, stages, budget),
    inferer: {
      value: {
        roiShape: patchShape,
        overlap: 0.5,
        mode: 'gaussian',
        mirrorAxes: [],
        shifted: budget.network === 'UNet',
      },
      why: 'Windows of the size trained on, half overlapping; the blend trusts the middle of each more than its border.',
    },
  };
}

function planNetwork(fingerprint: DatasetFingerprint, stages: StagePlan, budget: Budget): Choice<PlannedNetwork> {
  const levels = stages.strides.length;
  const tensorOrder = (sizes: readonly (readonly number[])[]) => sizes.map((axes) => axes.toReversed());
  const strides = tensorOrder(stages.strides);
  const features = strides.map((_, level) => Math.min(budget.features * 2 ** level, budget.mostFeatures));
  const channels = { inChannels: fingerprint.channels.length, outChannels: fingerprint.classes.length };
  const flat = stages.kernelSize.some((kernel) => kernel.includes(1));
  const waiting = flat ? ', and thick slices wait until the plane is as coarse' : '';
  const halving = `${levels} levels: each axis is halved while 4 voxels remain${waiting}`;
  if (budget.network === 'UNet') {
    return {
      value: { name: 'UNet', ...channels, channels: features, strides: strides.slice(1), numResUnits: 2 },
      why: `${halving}. The first halving comes before the first features: at full size a step takes four times as long on a processor, and a short training gains more from steps.`,
    };
  }
  return {
    value: {
      name: 'DynUNet',
      ...channels,
      kernelSize: tensorOrder(stages.kernelSize),
      strides,
      upsampleKernelSize: strides.slice(1),
      filters: features,
      deepSupervision: true,
      deepSuprNum: Math.max(1, levels - 3),
    },
    why: `${halving}; coarser outputs are supervised too.`,
  };
}

function planBatch(
  { sizeVoxels, cases }: DatasetFingerprint,
  { patch }: StagePlan,
  { batchVoxels }: Budget,
): Choice<number> {
  const patchVoxels = patch.reduce((product, n) => product * n, 1);
  const allVoxels = cases * sizeVoxels.median.reduce((product, n) => product * n, 1);
  const most = Math.floor((LARGEST_BATCH_SHARE * allVoxels) / patchVoxels);
  const value = Math.max(SMALLEST_BATCH, Math.min(most, Math.floor(batchVoxels / patchVoxels)));
  const why =
    value === SMALLEST_BATCH
      ? 'The smallest that steadies the gradient: more steps in the same time teach more than larger batches.'
      : 'What the memory holds, but not more than 5 % of all voxels at once.';
  return { value, why };
}

function planAugmentation(
  { classes, channels, anisotropy, labelledCases, orientation }: DatasetFingerprint,
  dimensions: 2 | 3,
): Choice<PlannedAugmentation> {
  const strength = labelledCases <= 20 ? 'strong' : labelledCases <= 500 ? 'standard' : 'light';
  const sided = classes.some(({ name }) => /\b(left|right|l|r|lh|rh)\b/i.test(name.replaceAll('_', ' ')));
  const leftRight = Array.from(orientation).findIndex((letter) => 'LR'.includes(letter));
  const mirrorAxes = Array.from({ length: dimensions }, (_, axis) => axis).filter(
    (axis) => !sided || dimensions - 1 - axis !== leftRight,
  );
  const inPlaneOnly = dimensions === 3 && anisotropy > ANISOTROPIC;
  const colour = channels.map(({ name }) => name).join() === COLOURS;
  const why = `${labelledCases} labelled cases.${sided ? ' Left and right are told apart by name, so they are never mirrored.' : ''}${inPlaneOnly ? ' Thick slices are not rotated out of their plane.' : ''}${colour ? ' Colours differ from camera to camera, so they are changed too.' : ''}`;
  const channelDropout = false;
  const hidden = channels.length > 1 && !colour && { channelDropout };
  return { value: { strength, mirrorAxes, inPlaneOnly, ...(colour && { colour }), ...hidden }, why };
}

function planPostProcessing({ classes, labelledCases }: DatasetFingerprint): Choice<readonly number[]> {
  const value = classes
    .filter((item) => item.value !== 0 && item.cases >= 0.95 * labelledCases)
    .map((item) => item.value);
  return {
    value,
    why: 'Classes that nearly every case has once: kept to their largest component where the validation cases gain by it.',
  };
}

const TRAINING: Pick<TrainingPlan, 'foregroundShare' | 'loss' | 'optimizer' | 'schedule'> = {
  foregroundShare: {
    value: 1 / 3,
    why: 'A third of the patches is centred on a labelled voxel, so that rare classes are seen.',
  },
  loss: {
    value: { name: 'DiceCELoss', includeBackground: false, batch: true },
    why: 'Dice is what is measured and is blind to class size; cross entropy keeps its gradients smooth.',
  },
  optimizer: {
    value: { name: 'AdamW', learningRate: 1e-3, weightDecay: 1e-4 },
    why: 'Learns fastest in a short time without tuning.',
  },
  schedule: {
    value: { name: 'polynomial', power: 0.9, warmUpSteps: 50 },
    why: 'The learning rate falls to 0 at the end of the budget, whatever that is.',
  },
};

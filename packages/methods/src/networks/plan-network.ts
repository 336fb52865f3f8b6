import { VesaliusError } from '@vesalius/errors';
import type { Choice, PlannedMethod, PlannedNetwork, TrainingPlan } from '@vesalius/medical';
import { DISENTANGLED_SIZES } from '../disentangle/sizes.ts';
import { MM_FORMER_SIZES, type MmFormerSize } from '../mm-former/sizes.ts';
import { TRANS_UNET_PLUS_PLUS_SIZES, type TransUnetPlusPlusSize } from '../trans-unet-plus-plus/sizes.ts';
import type { DisentangledPlan, MmFormerPlan } from './modality-networks.ts';

/** What a plan says of a TransUNet++ beside its channels and strides. */
export interface TransformerOptions extends Omit<TransUnetPlusPlusSize, 'channels'> {
  readonly nest: boolean;
  readonly gate: boolean;
  readonly transformer: boolean;
  readonly deepSupervision: boolean;
  /** Nested branches that are computed; all where none is named. */
  readonly branches?: number;
  /** Stride of the first level. */
  readonly stem: readonly number[];
  /** Coarsest features of a patch, where tokens learn their positions. */
  readonly grid: readonly number[];
}

type Planner = (plan: TrainingPlan, size: NetworkSize) => PlannedNetwork;

export type NetworkSize = keyof typeof TRANS_UNET_PLUS_PLUS_SIZES;

/** Features of the first level. */
const WIDTHS: Readonly<Record<NetworkSize, number>> = { tiny: 16, small: 32, base: 64 };
const MOST_FEATURES = 320;

const PLANNERS: Readonly<Record<string, Planner>> = {
  unet: (plan, size) => {
    const strides = stridesOf(plan);
    return { name: 'UNet', ...ends(plan), channels: widths(strides.length + 1, size), strides, numResUnits: 2 };
  },
  'dyn-unet': (plan, size) => {
    const strides = stridesOf(plan);
    return {
      name: 'DynUNet',
      ...ends(plan),
      kernelSize: kernelsOf(strides),
      strides: [ones(plan), ...strides],
      upsampleKernelSize: strides,
      filters: widths(strides.length + 1, size),
      deepSupervision: true,
      deepSuprNum: Math.max(1, strides.length - 2),
    };
  },
  'unet-plus-plus': (plan, size) => nested(plan, size, { nest: true, gate: false, transformer: false }),
  'trans-unet': (plan, size) => nested(plan, size, { nest: false, gate: false, transformer: true }),
  'mm-former': (plan, size) => {
    const { channels, stem, ...tokens } = MM_FORMER_SIZES[size];
    const halved = modalitiesApart(plan, { channels, stem });
    const factor = stem * 2 ** (halved.channels.length - 1);
    const grid = plan.patchShape.value.map((length) => length / factor);
    const options: MmFormerPlan = { ...tokens, stem, grid };
    return { ...halved, method: 'MmFormer', fixedSize: true, options: { ...options } };
  },
  disentangled: (plan, size) => {
    const { channels, stem } = DISENTANGLED_SIZES[size];
    const options: DisentangledPlan = { stem, variant: 'adversarial' };
    return {
      ...modalitiesApart(plan, { channels, stem }),
      method: 'Disentangled',
      fixedSize: false,
      options: { ...options },
    };
  },
  'trans-unet-plus-plus': (plan, size) => nested(plan, size, { nest: true, gate: true, transformer: true }),
};

/** Networks that take modalities apart, and learn little in a short training at the planned rate and by the planned loss. */
const FOR_MODALITIES = ['mm-former', 'disentangled'];
const LEARNING_RATE = 6e-3;

function learningOf({ optimizer }: TrainingPlan): Pick<TrainingPlan, 'loss' | 'optimizer'> {
  return {
    loss: {
      value: { name: 'RarityWeightedLoss' },
      why: 'As published with mmFormer: rare classes are found in fewer steps.',
    },
    optimizer: {
      value: { ...optimizer.value, learningRate: LEARNING_RATE },
      why: 'Networks that take modalities apart learn little in a short training at lower rates.',
    },
  };
}

/** Names by which a network can be asked for. */
export const NETWORK_NAMES: readonly string[] = Object.keys(PLANNERS);

/**
 * The plan with another network; patches, levels and everything that depends on the data stay as planned. Loss and learning rate are the
 * network's own where it needs others.
 *
 * @throws UNKNOWN_OPTION for a name or a size that is none
 */
export function planNetwork(plan: TrainingPlan, name: string, size: string = 'tiny'): TrainingPlan {
  const planner = PLANNERS[name];
  if (!planner) throw new VesaliusError('UNKNOWN_OPTION', { what: 'network', got: name, expected: NETWORK_NAMES });
  if (!isSize(size))
    throw new VesaliusError('UNKNOWN_OPTION', { what: 'size', got: size, expected: Object.keys(WIDTHS) });
  const value = planner(plan, size);
  const network: Choice<PlannedNetwork> = { value, why: `${name}, size ${size}, as asked for.` };
  const shifted = value.name === 'UNet' && plan.inferer.value.shifted;
  const inferer = { ...plan.inferer, value: { ...plan.inferer.value, shifted } };
  if (!FOR_MODALITIES.includes(name)) return { ...plan, network, inferer };
  return { ...plan, network, inferer, ...learningOf(plan) };
}

const isSize = (size: string): size is NetworkSize => Object.hasOwn(WIDTHS, size);

function nested(
  plan: TrainingPlan,
  size: NetworkSize,
  parts: Pick<TransformerOptions, 'nest' | 'gate' | 'transformer'>,
): PlannedNetwork {
  const { channels, ...tokens } = TRANS_UNET_PLUS_PLUS_SIZES[size];
  const strides = stridesOf(plan).slice(0, channels.length);
  const [stem = ones(plan)] = strides;
  const grid = plan.patchShape.value.map((length, axis) =>
    strides.reduce((left, stride) => left / (stride[axis] as number), length),
  );
  const options: TransformerOptions = { ...tokens, ...parts, deepSupervision: true, stem, grid };
  return {
    name: 'Method',
    method: 'TransUNetPlusPlus',
    ...ends(plan),
    channels: channels.slice(0, strides.length),
    strides,
    fixedSize: parts.transformer,
    options: { ...options },
  };
}

type Levels = Pick<MmFormerSize, 'channels' | 'stem'>;

/** Halves all axes alike, as often as the patch allows. */
function modalitiesApart(
  plan: TrainingPlan,
  { channels, stem }: Levels,
): Omit<PlannedMethod, 'method' | 'options' | 'fixedSize'> {
  const halves = (levels: number): boolean =>
    plan.patchShape.value.every((length) => length % (stem * 2 ** (levels - 1)) === 0);
  const levels = channels.map((_, i) => channels.length - i).find(halves) ?? 1;
  const every = (stride: number): number[] => plan.patchShape.value.map(() => stride);
  return {
    name: 'Method',
    ...ends(plan),
    channels: channels.slice(0, levels),
    strides: [every(stem), ...channels.slice(1, levels).map(() => every(2))],
  };
}

function ends({ network }: TrainingPlan): Pick<PlannedNetwork, 'inChannels' | 'outChannels'> {
  const { inChannels, outChannels } = network.value;
  return { inChannels, outChannels };
}

/** Between the levels; a DynUNet's first is that of its first level. */
function stridesOf({ network }: TrainingPlan): readonly (readonly number[])[] {
  const { name, strides } = network.value;
  return name === 'DynUNet' ? strides.slice(1) : strides;
}

const ones = ({ patchShape }: TrainingPlan): number[] => patchShape.value.map(() => 1);

const widths = (levels: number, size: NetworkSize): number[] =>
  Array.from({ length: levels }, (_, level) => Math.min(MOST_FEATURES, WIDTHS[size] * 2 ** level));

/** Across thick slices a kernel is 1 long until the axis is halved. */
function kernelsOf(strides: readonly (readonly number[])[]): number[][] {
  const axes = strides[0]?.map((_, axis) => axis) ?? [];
  const reached = (level: number, axis: number): boolean =>
    strides.slice(0, level + 1).some((stride) => (stride[axis] as number) > 1);
  const flat = (level: number, axis: number): boolean => !reached(level, axis) && axes.some((a) => reached(level, a));
  return Array.from({ length: strides.length + 1 }, (_, level) => axes.map((axis) => (flat(level, axis) ? 1 : 3)));
}

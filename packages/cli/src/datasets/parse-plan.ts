import { VesaliusError } from '@vesalius/errors';
import type { TrainingPlan } from '@vesalius/medical';
import { METHOD_NETWORKS } from '@vesalius/methods';
import type { DataReport } from './data-report.ts';
import type { Dataset } from './dataset.ts';
import { isTable } from './layouts/description.ts';

type Test = readonly [test: (value: unknown) => boolean, expected: string];

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isAbove0 = (value: unknown): boolean => isNumber(value) && (value as number) > 0;
const isShare = (value: unknown): boolean => isNumber(value) && (value as number) >= 0 && (value as number) <= 1;
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isList = (value: unknown, test: (item: unknown) => boolean): value is unknown[] =>
  Array.isArray(value) && value.length > 0 && value.every(test);
const isSizes = (value: unknown): value is number[] => isList(value, isCount) && [2, 3].includes(value.length);
const isNamed = (value: unknown, names: readonly string[]): value is Record<string, unknown> =>
  isTable(value) && names.includes(value['name'] as string);

const SIZES: Test = [isSizes, '2 or 3 whole numbers from 1'];
const STAGES: Test = [(value) => isList(value, isSizes), 'a list of sizes, one a level'];

const AXES: Test = [
  (value) => Array.isArray(value) && value.every((axis) => [0, 1, 2].includes(axis as number)),
  'some of 0, 1, 2',
];
const COUNTS: Test = [(value) => isList(value, isCount), 'whole numbers from 1'];
const NETWORK_RULES: Readonly<Record<TrainingPlan['network']['value']['name'], Readonly<Record<string, Test>>>> = {
  UNet: { channels: COUNTS, numResUnits: [(value) => value === 0 || isCount(value), 'a whole number from 0'] },
  DynUNet: {
    kernelSize: STAGES,
    upsampleKernelSize: STAGES,
    filters: COUNTS,
    deepSupervision: [isFlag, 'true or false'],
    deepSuprNum: [isCount, 'a whole number from 1'],
  },
  Method: {
    method: [(value) => Object.keys(METHOD_NETWORKS).includes(String(value)), Object.keys(METHOD_NETWORKS).join(', ')],
    channels: COUNTS,
    fixedSize: [isFlag, 'true or false'],
    options: [isTable, 'options by name'],
  },
};

/** What each choice of a plan must be, by its path: a test and its words. */
const RULES: Readonly<Record<string, Test>> = {
  'spatialDimensions.value': [(value) => value === 2 || value === 3, '2 or 3'],
  'orientation.value': [(value) => /^(?!.*(.).*\1)[LRAPSI]{3}$/.test(String(value)), 'three letters such as RAS'],
  'targetSpacingMm.value': [(value) => isList(value, isAbove0) && value.length === 3, 'three numbers above 0'],
  'normalization.value': [
    (value) => isList(value, (item) => isTable(item) && ['ct', 'robust-z-score'].includes(String(item['kind']))),
    'ct or robust-z-score for each channel',
  ],
  'patchShape.value': SIZES,
  'network.value': [(value) => isNamed(value, Object.keys(NETWORK_RULES)), 'a UNet, a DynUNet or a Method'],
  'network.value.inChannels': [isCount, 'a whole number from 1'],
  'network.value.outChannels': [isCount, 'a whole number from 1'],
  'network.value.strides': STAGES,
  'batchSize.value': [isCount, 'a whole number from 1'],
  'foregroundShare.value': [isShare, 'a number from 0 to 1'],
  'augmentation.value.strength': [
    (value) => ['light', 'standard', 'strong'].includes(String(value)),
    'light, standard or strong',
  ],
  'augmentation.value.mirrorAxes': AXES,
  'augmentation.value.inPlaneOnly': [isFlag, 'true or false'],
  'augmentation.value.colour': [(value) => value === undefined || isFlag(value), 'true or false'],
  'augmentation.value.channelDropout': [(value) => value === undefined || isFlag(value), 'true or false'],
  'loss.value': [(value) => isNamed(value, ['DiceCELoss', 'RarityWeightedLoss']), 'DiceCELoss or RarityWeightedLoss'],
  'optimizer.value': [(value) => isNamed(value, ['AdamW']), 'AdamW'],
  'optimizer.value.learningRate': [isAbove0, 'a number above 0'],
  'optimizer.value.weightDecay': [isNumber, 'a number'],
  'schedule.value': [(value) => isNamed(value, ['polynomial']), 'polynomial'],
  'schedule.value.power': [isNumber, 'a number'],
  'schedule.value.warmUpSteps': [isNumber, 'a number'],
  'inferer.value.roiShape': SIZES,
  'inferer.value.overlap': [(value) => isShare(value) && value !== 1, 'a number from 0 to below 1'],
  'inferer.value.mirrorAxes': AXES,
  'inferer.value.shifted': [isFlag, 'true or false'],
};

const INTERACTION_RULES: Readonly<Record<string, Test>> = {
  'interaction.value.kind': [(value) => value === 'clicks', 'clicks'],
  'interaction.value.sigmaMm': [isAbove0, 'a number above 0'],
};

const PRECISION_RULES: Readonly<Record<string, Test>> = {
  'precision.value': [(value) => value === 'float32' || value === 'mixed', 'float32 or mixed'],
};

const CROP_RULES: Readonly<Record<string, Test>> = { 'cropForeground.value': [isFlag, 'true or false'] };

/**
 * Makes sure that JSON from a file is a plan with every choice of the right kind, and fits the data.
 *
 * @throws FILE_FORMAT with the field, DATA_MISMATCH for other channels or classes than the data's
 */
export function parsePlan(
  value: unknown,
  file: string,
  { channels, labels }: Pick<Dataset, 'channels'> & Pick<DataReport, 'labels'>,
): TrainingPlan {
  const refuse = (what: string, got: unknown, expected: string): never => {
    throw new VesaliusError('FILE_FORMAT', { what, got: JSON.stringify(got) ?? 'nothing', expected, file });
  };
  const format = at(value, 'format');
  if (format !== 'vesalius-plan/1') refuse('format of the plan', format, 'vesalius-plan/1');
  const check = (rules: Readonly<Record<string, Test>>, of = ''): void => {
    for (const [path, [test, expected]] of Object.entries(rules)) {
      const found = at(value, of + path);
      if (!test(found)) refuse(`plan, ${of}${path}`, found, expected);
    }
  };
  check(RULES);
  check(NETWORK_RULES[at(value, 'network.value.name') as keyof typeof NETWORK_RULES], 'network.value.');
  if (at(value, 'interaction') !== undefined) check(INTERACTION_RULES);
  if (at(value, 'precision') !== undefined) check(PRECISION_RULES);
  if (at(value, 'cropForeground') !== undefined) check(CROP_RULES);
  const classes = at(value, 'classes');
  if (!isList(classes, (item) => isTable(item) && Number.isInteger(item['value']) && typeof item['name'] === 'string'))
    refuse('plan, classes', classes, 'a list of { value, name }');
  return fitting(value as TrainingPlan, file, { channels, labels });
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((inner, key) => (isTable(inner) ? inner[key] : undefined), value);
}

function fitting(
  plan: TrainingPlan,
  file: string,
  { channels, labels }: Pick<Dataset, 'channels'> & Pick<DataReport, 'labels'>,
): TrainingPlan {
  const { inChannels, outChannels } = plan.network.value;
  const known = plan.classes.map(({ value }) => value);
  const checks: readonly (readonly [what: string, got: unknown, expected: unknown])[] = [
    ['channels of the plan', inChannels, channels.length],
    ['normalized channels of the plan', plan.normalization.value.length, channels.length],
    ['output channels of the plan', outChannels, plan.classes.length],
    ['classes of the plan', known.join(', '), [...new Set([...known, ...labels.map(({ value }) => value)])].join(', ')],
  ];
  for (const [what, got, expected] of checks)
    if (got !== expected) throw new VesaliusError('DATA_MISMATCH', { what, got, expected, file });
  return plan;
}

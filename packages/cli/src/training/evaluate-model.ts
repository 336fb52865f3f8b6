import type { MetricInterval } from '@vesalius/bundle';
import {
  bootstrapMean,
  computeDice,
  computeHausdorffDistance,
  computeIou,
  computeSurfaceDice,
  type LabelMap,
  labelMapOf,
  meanOfNumbers,
  type TrainingPlan,
  type VolumePredictor,
} from '@vesalius/medical';
import { createVolume, type Volume } from '@vesalius/volume';
import type { Dataset, DatasetCase } from '../datasets/dataset.ts';
import { leaveOut } from '../datasets/leave-out-channels.ts';
import { readCase } from '../datasets/read-case.ts';

/** Figures of one case, one an foreground class; NaN where the truth lacks the class. */
export interface CaseFigures {
  readonly id: string;
  readonly dice: readonly number[];
  readonly iou: readonly number[];
  /** Millimetres. */
  readonly hd95: readonly number[];
  /** At 1 mm. */
  readonly surfaceDice: readonly number[];
}

export interface EvaluatedCase extends CaseFigures {
  readonly scan: Volume;
  readonly truth: Volume;
  readonly prediction: Volume<Uint8Array>;
}

export interface EvaluatedCases {
  readonly dataset: Dataset;
  readonly cases: readonly DatasetCase[];
  readonly plan: TrainingPlan;
  /** Which channels the model gets to see; all by default. */
  readonly left?: readonly boolean[];
}

export interface EvaluateOptions {
  readonly signal?: AbortSignal;
  readonly onCase?: (done: number, total: number, figures: CaseFigures) => void;
}

const SURFACE_TOLERANCE_MM = 1;

/** Predicts labelled cases and measures each against its label, on the case's own grid. */
export async function* evaluateCases(
  predictor: VolumePredictor,
  { dataset, cases, plan, left = [] }: EvaluatedCases,
  { signal, onCase }: EvaluateOptions = {},
): AsyncGenerator<EvaluatedCase> {
  for (const [i, item] of cases.entries()) {
    const { channels, label } = await readCase(dataset, item);
    const [scan] = channels;
    if (!label || !scan) continue;
    const prediction = await predictor.predict(leaveOut(channels, left), signal ? { signal } : {});
    const figures = { id: item.id, ...measure(prediction, label, plan) };
    onCase?.(i + 1, cases.length, figures);
    yield { ...figures, scan, truth: label, prediction };
  }
}

function measure(prediction: Volume<Uint8Array>, truth: Volume, { classes }: TrainingPlan): Omit<CaseFigures, 'id'> {
  const [a, b] = [asClasses(prediction, classes), asClasses(truth, classes)];
  const options = { numClasses: classes.length, includeBackground: false };
  return {
    dice: computeDice(a, b, options),
    iou: computeIou(a, b, options),
    hd95: computeHausdorffDistance(a, b, { ...options, percentile: 95 }),
    surfaceDice: computeSurfaceDice(a, b, {
      ...options,
      classThresholds: classes.slice(1).map(() => SURFACE_TOLERANCE_MM),
    }),
  };
}

/** Class numbers in place of label values. */
export function asClasses(volume: Volume, classes: TrainingPlan['classes']): LabelMap {
  const numbers = new Map(classes.map(({ value }, i) => [value, i]));
  const voxels = Uint8Array.from(volume.voxels as Uint8Array, (value) => numbers.get(Number(value)) ?? 0);
  return labelMapOf(createVolume({ voxels, size: volume.size, voxelToLps: volume.voxelToLps }));
}

const FIGURES = ['dice', 'iou', 'hd95', 'surfaceDice'] as const;

/** Mean over cases with bootstrap intervals: of each class, and of the mean over classes. */
export function summarizeFigures(
  cases: readonly CaseFigures[],
  classNames: readonly string[],
  seed = 0,
): MetricInterval[] {
  return FIGURES.flatMap((name) => {
    const rows = cases.map((figures) => figures[name]);
    const columns = classNames.map((className, i) => ({ className, values: rows.map((row) => row[i] as number) }));
    const means = { className: undefined, values: rows.map((row) => meanOfNumbers(row)) };
    return [means, ...columns].map(({ className, values }) => {
      const finite = values.filter(Number.isFinite);
      const { estimate, low, high } = bootstrapMean(finite, { seed, confidence: 0.95 });
      return {
        name,
        ...(className === undefined ? {} : { className }),
        estimate,
        low,
        high,
        confidence: 0.95,
        cases: finite.length,
      };
    });
  });
}

/** One line a case. */
export function figuresCsv(cases: readonly CaseFigures[], classNames: readonly string[]): string {
  const header = ['case', ...FIGURES.flatMap((name) => classNames.map((className) => `${name} ${className}`))];
  const rows = cases.map((figures) => [
    figures.id,
    ...FIGURES.flatMap((name) => figures[name].map((value) => value.toFixed(6))),
  ]);
  return `${[header, ...rows].map((row) => row.join(',')).join('\n')}\n`;
}

/** What `figuresCsv` wrote. */
export function readFiguresCsv(text: string): CaseFigures[] {
  const [header = [], ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return rows.map((cells) => {
    const values = (figure: string): number[] =>
      cells.filter((_, i) => header[i]?.startsWith(`${figure} `)).map(Number);
    const [dice, iou, hd95, surfaceDice] = FIGURES.map(values) as [number[], number[], number[], number[]];
    return { id: cells[0] ?? '', dice, iou, hd95, surfaceDice };
  });
}

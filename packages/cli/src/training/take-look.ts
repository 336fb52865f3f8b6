import { meanOfNumbers, type TrainingPlan, type VolumePredictor } from '@vesalius/medical';
import type { Dataset, DatasetCase } from '../datasets/dataset.ts';
import { overlayPictures } from '../report/overlay-pictures.ts';
import type { ReportPicture } from '../report/training-report.ts';
import { evaluateCases } from './evaluate-model.ts';

/** What a model in training does to a few of the cases set aside for validation. */
export interface Look {
  /** Mean over classes, then over the cases. */
  readonly dice: number;
  readonly cases: number;
  /** Of the first case. */
  readonly pictures: readonly ReportPicture[];
}

interface LookOptions {
  readonly dataset: Dataset;
  readonly plan: TrainingPlan;
  /** Always the same, so that one look is like another. */
  readonly cases: readonly DatasetCase[];
  readonly signal: AbortSignal;
}

/** Predicts the cases and closes the predictor. */
export async function takeLook(predictor: VolumePredictor, { signal, ...options }: LookOptions): Promise<Look> {
  const dice: number[] = [];
  let pictures: readonly ReportPicture[] = [];
  const classValues = options.plan.classes.slice(1).map(({ value }) => value);
  try {
    for await (const seen of evaluateCases(predictor, options, { signal })) {
      const { scan: image, truth, prediction } = seen;
      if (dice.length === 0) pictures = await overlayPictures({ image, truth, prediction, classValues });
      dice.push(meanOfNumbers(seen.dice));
    }
  } finally {
    await predictor.close();
  }
  return { dice: meanOfNumbers(dice), cases: dice.length, pictures };
}

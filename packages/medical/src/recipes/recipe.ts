import type { TrainingPlan } from '../planning/training-plan.ts';

/** The interval a model's figure must not fall below to be published. */
export interface Gate {
  readonly metric: 'dice';
  /** Mean over classes per case, then over the validation cases. */
  readonly low: number;
  /** How the bound was found. */
  readonly why: string;
}

/** One way to train, in one file: the task, the data it needs, what differs from the plan the data would get, and its gate. */
export interface SegmentationRecipe {
  readonly name: string;
  readonly title: string;
  /** What it is built after. */
  readonly source: string;
  /** What the data are, where they come from, under which licence. */
  readonly data: string;
  /** Cases set aside, as `--validation` takes them. */
  readonly validation: string;
  /** Wall time of the whole command. */
  readonly budgetSeconds: number;
  /** Changes the plan made from the data's fingerprint. */
  adapt(plan: TrainingPlan): TrainingPlan;
  readonly gate: Gate;
}

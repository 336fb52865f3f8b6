export {
  type CaseSummary,
  type ChannelSummary,
  type IntensitySummary,
  type SummarizeCaseOptions,
  summarizeCase,
} from './planning/case-summary.ts';
export {
  type AxisRange,
  type ChannelFingerprint,
  type ClassFingerprint,
  type DatasetFingerprint,
  type FingerprintOptions,
  fingerprintOf,
  type LabelClass,
} from './planning/fingerprint.ts';
export { type PlanOptions, planTraining } from './planning/plan-training.ts';
export { explicitSplit, holdOutSplit, kFoldSplits, type Split, type SplitCase } from './planning/splits.ts';
export type {
  ChannelNormalization,
  Choice,
  PlannedAugmentation,
  PlannedInferer,
  PlannedNetwork,
  TrainingPlan,
} from './planning/training-plan.ts';
export { Random, type RandomState } from './random/random.ts';

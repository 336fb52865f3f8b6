import type { TrainingPlan } from '../planning/training-plan.ts';

const SIGMA_IN_VOXELS = 2;

/**
 * The plan of a network that also follows clicks; what it predicts without any stays the plan's task. Scans are not cut, so that every place can be
 * clicked on.
 */
export function withClicks(plan: TrainingPlan): TrainingPlan {
  const sigmaMm = SIGMA_IN_VOXELS * Math.cbrt(plan.targetSpacingMm.value.reduce((product, mm) => product * mm, 1));
  const { cropForeground: _, ...uncut } = plan;
  return {
    ...uncut,
    interaction: {
      value: { kind: 'clicks', sigmaMm },
      why: 'Wide enough to survive the first halving, narrow enough to say where; two voxels of mean size.',
    },
  };
}

import type { TrainingPlan } from '../planning/training-plan.ts';
import type { SegmentationRecipe } from './recipe.ts';

/** Anterior and posterior hippocampus in T1-weighted MR crops of 1 mm. */
export const hippocampus: SegmentationRecipe = {
  name: 'hippocampus',
  title: 'Hippocampus, anterior and posterior, in T1-weighted MR',
  source: 'Isensee et al. 2021, nnU-Net; Antonelli et al. 2022, The Medical Segmentation Decathlon',
  data: 'Medical Segmentation Decathlon, Task04: crops of T1-weighted MR with two labels (CC BY-SA 4.0)',
  validation: 'last:30',
  budgetSeconds: 600,
  adapt: (plan: TrainingPlan): TrainingPlan => ({
    ...plan,
    patchShape: { value: [40, 56, 40], why: 'Holds nearly every crop whole; 8 divides each side.' },
    inferer: { ...plan.inferer, value: { ...plan.inferer.value, roiShape: [40, 56, 40] } },
    optimizer: {
      value: { name: 'AdamW', learningRate: 2e-3, weightDecay: 1e-4 },
      why: 'Highest rate that trains steadily.',
    },
    schedule: { value: { name: 'polynomial', power: 0.9, warmUpSteps: 20 }, why: plan.schedule.why },
    augmentation: {
      value: { strength: 'standard', mirrorAxes: [], inPlaneOnly: false },
      why: 'Anterior and posterior are told apart by place: mirrored crops would teach anatomy that does not occur.',
    },
  }),
  gate: { metric: 'dice', low: 0.85, why: 'Provisional.' },
};

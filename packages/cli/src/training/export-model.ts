import type { OnnxModel, TensorValue } from '@vesalius/engine';
import { divisorOfPlan, imageModel, setupOfPlan, sizeOfShape, type TrainingPlan } from '@vesalius/medical';
import { METHOD_NETWORKS } from '@vesalius/methods';

/** The model of a plan that takes scans as they are, for a bundle. */
export function exportModel(plan: TrainingPlan, weights: ReadonlyMap<string, TensorValue>): OnnxModel {
  const divisor = divisorOfPlan(plan);
  const setup = setupOfPlan(plan, METHOD_NETWORKS);
  return imageModel({
    network: setup.network,
    interaction: setup.interaction,
    normalization: plan.normalization.value,
    classValues: plan.classes.map(({ value }) => value),
    smallestSize: sizeOfShape(plan.patchShape.value),
    divisor,
    mirrorAxes: plan.inferer.value.mirrorAxes,
    shifted: plan.inferer.value.shifted,
    weights,
    metadata: {
      classes: JSON.stringify(plan.classes),
      spacingMm: JSON.stringify(plan.targetSpacingMm.value),
      orientation: plan.orientation.value,
    },
  });
}

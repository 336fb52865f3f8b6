import { type Choice, featuresOf, nameOfNetwork, type TrainingPlan } from '@vesalius/medical';

/** The plan for a person: each choice with its reason below it. */
export function planTable(plan: TrainingPlan): string {
  const {
    fingerprint: data,
    network: { value: network },
  } = plan;
  const classes = data.classes.map(({ value, name, voxelShare }) => `${value} ${name} (${percent(voxelShare)})`);
  const rows: [string, Choice<unknown>, string][] = [
    ['Dimensions', plan.spatialDimensions, String(plan.spatialDimensions.value)],
    ['Orientation', plan.orientation, plan.orientation.value],
    ['Spacing', plan.targetSpacingMm, `${plan.targetSpacingMm.value.map(figure).join(' x ')} mm`],
    ...cropRow(plan),
    ['Intensities', plan.normalization, [...new Set(plan.normalization.value.map(({ kind }) => kind))].join(', ')],
    ['Patch', plan.patchShape, `${plan.patchShape.value.join(' x ')} (z, y, x)`],
    ['Network', plan.network, `${nameOfNetwork(network)}, features ${featuresOf(network).join('-')}`],
    ['Batch', plan.batchSize, String(plan.batchSize.value)],
    ['Foreground', plan.foregroundShare, percent(plan.foregroundShare.value)],
    ['Augmentation', plan.augmentation, plan.augmentation.value.strength],
    ['Loss', plan.loss, plan.loss.value.name],
    ['Optimizer', plan.optimizer, `${plan.optimizer.value.name}, learning rate ${plan.optimizer.value.learningRate}`],
    ['Schedule', plan.schedule, plan.schedule.value.name],
    ['Inference', plan.inferer, `windows overlapping by ${percent(plan.inferer.value.overlap)}`],
    ['Largest only', plan.keepLargestCandidates, `candidates ${plan.keepLargestCandidates.value.join(', ') || 'none'}`],
  ];
  return [
    `${data.name}: ${data.cases} cases, ${data.channels.map(({ name }) => name).join(', ')}`,
    `Median size ${data.sizeVoxels.median.map(figure).join(' x ')} voxels of ${data.spacingMm.median.map(figure).join(' x ')} mm`,
    `Classes: ${classes.join(', ')}`,
    '',
    ...rows.flatMap(([name, { why }, value]) => [`${name.padEnd(13)} ${value}`, `${' '.repeat(14)}${why}`]),
  ].join('\n');
}

function cropRow({ cropForeground }: TrainingPlan): [string, Choice<unknown>, string][] {
  return cropForeground ? [['Cut', cropForeground, cropForeground.value ? 'to what is not 0' : 'not']] : [];
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

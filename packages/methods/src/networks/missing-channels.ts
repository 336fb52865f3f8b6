import type { PlannedNetwork, TrainingPlan } from '@vesalius/medical';

/**
 * Whether a model answers for scans that lack some of its channels, which are 0 everywhere then. Where intensities are scaled by figures of the
 * data set, as Hounsfield units are, such a channel cannot be told from one that is there.
 */
export function takesMissingChannels({ network, normalization, augmentation }: TrainingPlan): boolean {
  const learned = augmentation.value.channelDropout || takesMissing(network.value);
  return learned && normalization.value.every(({ kind }) => kind !== 'ct');
}

function takesMissing(network: PlannedNetwork): boolean {
  if (network.name !== 'Method') return false;
  if (network.method === 'MmFormer' || network.method === 'Disentangled') return true;
  return network.method === 'Ensemble' && (network.options['members'] as readonly PlannedNetwork[]).every(takesMissing);
}

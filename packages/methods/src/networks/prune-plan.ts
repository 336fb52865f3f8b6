import { VesaliusError } from '@vesalius/errors';
import type { TrainingPlan } from '@vesalius/medical';

/**
 * The plan of a nested network that computes its first branches only: faster, and often nearly as good, as every branch was supervised.
 *
 * @throws FILE_UNSUPPORTED for a network without nested branches, INVALID_ARGUMENT for a number of branches it does not have
 * @source Zhou et al. 2018, UNet++: pruning
 */
export function prunePlan(plan: TrainingPlan, branches: number): TrainingPlan {
  const { value } = plan.network;
  if (value.name !== 'Method' || value.method !== 'TransUNetPlusPlus' || value.options['nest'] !== true)
    throw new VesaliusError('FILE_UNSUPPORTED', {
      what: 'network to prune',
      got: value.name === 'Method' ? value.method : value.name,
      expected: 'one with nested branches, as trans-unet-plus-plus and unet-plus-plus',
    });
  const most = value.channels.length - 1;
  if (!Number.isInteger(branches) || branches < 1 || branches > most)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'branches', got: branches, expected: `1 to ${most}` });
  const why = `${plan.network.why} Pruned to ${branches} of ${most} branches.`;
  return { ...plan, network: { value: { ...value, options: { ...value.options, branches } }, why } };
}

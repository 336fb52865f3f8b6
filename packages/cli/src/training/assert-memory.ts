import { totalmem } from 'node:os';
import { VesaliusError } from '@vesalius/errors';
import { featuresOf, type TrainingPlan } from '@vesalius/medical';

const GIBIBYTE = 2 ** 30;
const FLOAT_BYTES = 4;

/**
 * Refuses a plan whose batches cannot fit, before a machine runs out of memory over it.
 *
 * @param available - bytes; by default what this process may have
 * @throws OUT_OF_MEMORY
 */
export function assertMemory(plan: TrainingPlan, available: number = memoryOfProcess()): void {
  const needed = leastBytesOfStep(plan);
  if (needed <= available) return;
  const gibibytes = (bytes: number): string => `${(bytes / GIBIBYTE).toFixed(1)} GiB`;
  throw new VesaliusError('OUT_OF_MEMORY', {
    what: `a training step on ${plan.batchSize.value} patches of ${plan.patchShape.value.join(' x ')}`,
    got: `at least ${gibibytes(needed)}`,
    expected: `at most ${gibibytes(available)}; plan smaller patches or batches`,
  });
}

function memoryOfProcess(): number {
  // 0 or larger than the machine's where nothing constrains it.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Images, labels, class probabilities with their gradient, and the first level's features with theirs: a step needs far more. */
function leastBytesOfStep({ batchSize, patchShape, network }: TrainingPlan): number {
  const voxels = batchSize.value * product(patchShape.value);
  const { inChannels, outChannels, strides } = network.value;
  const halved = network.value.name === 'UNet' ? product(strides[0] ?? []) : 1;
  const features = (featuresOf(network.value)[0] ?? 0) / halved;
  return FLOAT_BYTES * voxels * (inChannels + 1 + 2 * outChannels + 2 * features);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, n) => all * n, 1);
}

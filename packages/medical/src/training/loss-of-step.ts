import type { TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';

/** Below it another halving makes no gradient finite: the numbers themselves overflow. */
const LEAST_SCALE = 1;

/**
 * The loss that a training step gave. One of mixed precision that overflowed, and so changed nothing but the loss scale, may have none.
 *
 * @throws NOT_FINITE when the training diverges
 */
export function lossOfStep(outputs: Readonly<Record<string, TensorValue>>, step: number): number {
  const read = (name: string): number => Number(outputs[name]?.data[0]);
  const loss = read('loss');
  const leftOut = read('skipped') === 1 && read('loss_scale') > LEAST_SCALE;
  if (Number.isFinite(loss) || leftOut) return loss;
  throw new VesaliusError('NOT_FINITE', {
    what: `loss of step ${step}`,
    got: loss,
    expected: 'a number; try a lower learning rate',
  });
}

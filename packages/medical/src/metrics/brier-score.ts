import { VesaliusError } from '@vesalius/errors';

/**
 * Brier score: the mean squared error of probabilities, 0 (sure and right) to 1, or to 2 over several classes.
 *
 * @param probabilities - of the positive class, or `[cases, classes]`, classes fastest
 * @param truth - 0 or 1, in the same layout
 * @param numClasses - how many classes stand in a row of `probabilities`
 * @throws SHAPE_MISMATCH
 * @source Brier 1950, Verification of forecasts expressed in terms of probability
 * @parity sklearn.metrics.brier_score_loss
 */
export function brierScore(probabilities: ArrayLike<number>, truth: ArrayLike<number>, numClasses = 1): number {
  if (probabilities.length !== truth.length || truth.length % numClasses !== 0) {
    const expected = `${truth.length}, in rows of ${numClasses}`;
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'probabilities', got: probabilities.length, expected });
  }
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += ((probabilities[i] as number) - (truth[i] as number)) ** 2;
  return sum / (truth.length / numClasses);
}

/** How the learning rate goes over the steps of a training. */
export interface LearningRateSchedule {
  readonly name: 'poly' | 'cosine' | 'constant';
  readonly base: number;
  /** Steps over which the rate rises from zero. */
  readonly warmupSteps: number;
  /** Of the polynomial; 0.9 as in nnU-Net. */
  readonly power?: number;
}

/**
 * Rate of a step.
 *
 * @param step - from 1
 * @param totalSteps - the rate reaches zero after these
 */
export function learningRateAt(
  { name, base, warmupSteps, power = 0.9 }: LearningRateSchedule,
  step: number,
  totalSteps: number,
): number {
  const warmup = Math.min(1, step / Math.max(1, warmupSteps));
  const left = Math.max(0, 1 - (step - 1) / totalSteps);
  const decay = { poly: left ** power, cosine: (1 + Math.cos(Math.PI * (1 - left))) / 2, constant: 1 }[name];
  return base * warmup * decay;
}

import { VesaliusError } from '@vesalius/errors';
import type { TrainingPlan } from './training-plan.ts';

const REASONS = {
  float32: 'As asked for.',
  mixed:
    'As asked for: activations wait for the backward pass as float16; weights, norms, softmax and losses are float32.',
} as const;

const isPrecision = (name: string): name is keyof typeof REASONS => Object.hasOwn(REASONS, name);

/**
 * The plan, trained in that precision.
 *
 * @throws UNKNOWN_OPTION for another than float32 and mixed
 */
export function withPrecision(plan: TrainingPlan, precision: string): TrainingPlan {
  if (isPrecision(precision)) return { ...plan, precision: { value: precision, why: REASONS[precision] } };
  throw new VesaliusError('UNKNOWN_OPTION', { what: 'precision', got: precision, expected: Object.keys(REASONS) });
}

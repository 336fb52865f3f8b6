import type { Tensor } from '../graph/tensor.ts';

/** What an optimizer may use for one parameter. */
export interface UpdateContext {
  readonly learningRate: Tensor;
  /** Number of this step, from 1; float32 scalar. */
  readonly step: Tensor;
  /** Whether the optimizer's weight decay applies to this parameter. */
  readonly decays: boolean;
  /** A value of the parameter's shape kept from step to step, zero at first. */
  slot(name: string): Tensor;
  setSlot(name: string, next: Tensor): void;
}

/** A rule that turns a gradient into a parameter's next value. */
export interface Optimizer {
  update(parameter: Tensor, gradient: Tensor, context: UpdateContext): Tensor;
}

import { VesaliusError } from '@vesalius/errors';
import { lossEpsilon } from './loss-accountant.ts';
import type { SampledGaussian } from './sampled-gaussian.ts';

export interface PrivacyBudget {
  readonly epsilon: number;
  readonly delta: number;
}

/** What a site has spent on one project, and may still spend: plain JSON, so that it outlives the program. */
export interface LedgerState {
  readonly budget: PrivacyBudget;
  readonly spent: readonly SampledGaussian[];
}

/** Adds up what a site's private training spends, and says no before the budget is passed. */
export class PrivacyLedger {
  readonly #budget: PrivacyBudget;
  #spent: readonly SampledGaussian[];

  constructor({ budget, spent }: LedgerState) {
    this.#budget = budget;
    this.#spent = spent;
  }

  get state(): LedgerState {
    return { budget: this.#budget, spent: this.#spent };
  }

  /** Of all entries together, at the budget's delta. */
  get epsilon(): number {
    return lossEpsilon(this.#spent, this.#budget.delta);
  }

  /** Whether so much more stays within the budget. */
  allows(next: SampledGaussian): boolean {
    return lossEpsilon(withEntry(this.#spent, next), this.#budget.delta) <= this.#budget.epsilon;
  }

  /**
   * Before the steps are done, so that no crash makes them free.
   *
   * @throws PEER_REFUSED when the budget would be passed
   */
  spend(next: SampledGaussian): void {
    const after = lossEpsilon(withEntry(this.#spent, next), this.#budget.delta);
    if (after > this.#budget.epsilon)
      throw new VesaliusError('PEER_REFUSED', {
        what: 'private training',
        got: `epsilon ${after.toFixed(3)} after it`,
        expected: `at most ${this.#budget.epsilon}`,
      });
    this.#spent = withEntry(this.#spent, next);
  }
}

/** Steps of one kind are one entry. */
function withEntry(spent: readonly SampledGaussian[], next: SampledGaussian): readonly SampledGaussian[] {
  const same = spent.findIndex(
    ({ noiseMultiplier, sampleRate }) => noiseMultiplier === next.noiseMultiplier && sampleRate === next.sampleRate,
  );
  const held = spent[same];
  return held ? spent.with(same, { ...held, steps: held.steps + next.steps }) : [...spent, next];
}

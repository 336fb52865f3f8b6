/** From this step on the training is reckoned to have so many steps in all. */
export interface BudgetRevision {
  readonly fromStep: number;
  readonly totalSteps: number;
}

/** How long a training lasts. A time budget becomes steps as the machine's speed shows; each revision is recorded. */
export interface StepBudget {
  /** Steps in all, as known before this step; the learning rate falls to zero over them. */
  totalSteps(step: number): number;
  /** Tells how long the training has run after a step, in seconds. */
  observe(step: number, seconds: number): void;
  /** Enough to replay the same learning rates. */
  readonly revisions: readonly BudgetRevision[];
}

export function fixedSteps(total: number): StepBudget {
  return replaySteps([{ fromStep: 1, totalSteps: total }]);
}

/** Repeats what another training did. */
export function replaySteps(revisions: readonly BudgetRevision[]): StepBudget {
  return { revisions, observe: () => {}, totalSteps: (step) => inForce(revisions, step) };
}

const FIRST_LOOK = 4;
const LOOK_EVERY = 25;
/** Revisions smaller than this share of the steps are not worth a kink in the learning rate. */
const WORTH_REVISING = 0.02;
/** Stands in until the first steps have been timed; only the warm-up sees it. */
const UNKNOWN_TOTAL = 1000;

/**
 * As many steps as fit into a time.
 *
 * @param earlier - revisions of the part of the training that a resumed run repeats
 */
export function stepsWithin(budgetSeconds: number, earlier: readonly BudgetRevision[] = []): StepBudget {
  const revisions = earlier.length > 0 ? [...earlier] : [{ fromStep: 1, totalSteps: UNKNOWN_TOTAL }];
  const times: { step: number; seconds: number }[] = [];
  return {
    revisions,
    totalSteps: (step) => inForce(revisions, step),
    observe: (step, seconds) => {
      times.push({ step, seconds });
      const due = times.length === FIRST_LOOK || times.length % LOOK_EVERY === 0 || seconds > budgetSeconds;
      if (!due) return;
      const total = Math.max(step, step + Math.floor((budgetSeconds - seconds) / secondsPerStep(times)));
      const known = inForce(revisions, step + 1);
      if (Math.abs(total - known) > WORTH_REVISING * known || seconds > budgetSeconds)
        revisions.push({ fromStep: step + 1, totalSteps: total });
    },
  };
}

function inForce(revisions: readonly BudgetRevision[], step: number): number {
  return revisions.findLast(({ fromStep }) => fromStep <= step)?.totalSteps ?? UNKNOWN_TOTAL;
}

/** Over the last steps; the very first run slower. */
function secondsPerStep(times: readonly { step: number; seconds: number }[]): number {
  const last = times.at(-1);
  const first = times[Math.max(1, times.length - 1 - 2 * LOOK_EVERY)];
  if (!last || !first || last.step === first.step) return 1;
  return (last.seconds - first.seconds) / (last.step - first.step);
}

import { readFileSync } from 'node:fs';

/** A bound on one named number of a figure. With only an `aim` the number is reported and never fails. */
export interface Threshold {
  readonly metric: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** Where we want to get, beyond the bound. */
  readonly aim?: number;
}

/** One point of what the project must show. */
export interface Goal {
  readonly id: string;
  readonly title: string;
  /** The point, word for word. */
  readonly text: string;
  readonly thresholds: readonly Threshold[];
}

/** Reads bench/goals.json. */
export function readGoals(): Goal[] {
  const document = readFileSync(new URL('./goals.json', import.meta.url), 'utf8');
  return (JSON.parse(document) as { goals: Goal[] }).goals;
}

export interface JudgeOptions {
  /** Pass over thresholds whose number was not measured: a quick run may leave some out, never all. */
  readonly partial: boolean;
}

/** True where every bound holds; a bound whose number is missing does not hold. */
export function meetsGoal(goal: Goal, figure: Record<string, number>, { partial }: JudgeOptions): boolean {
  const bounds = goal.thresholds.filter(({ atMost, atLeast }) => atMost !== undefined || atLeast !== undefined);
  const measured = bounds.filter(({ metric }) => figure[metric] !== undefined);
  if (measured.length === 0 || (!partial && measured.length < bounds.length)) return false;
  return measured.every(({ metric, atMost = Infinity, atLeast = -Infinity }) => {
    const value = figure[metric] ?? Number.NaN;
    return value <= atMost && value >= atLeast;
  });
}

/** `dice >= 0.88`, `a.compileSeconds <= 2, aim 1`. */
export function thresholdText({ metric, atMost, atLeast, aim }: Threshold): string {
  const bounds = [atMost === undefined ? '' : ` <= ${atMost}`, atLeast === undefined ? '' : ` >= ${atLeast}`].join('');
  return `${metric}${bounds}${aim === undefined ? '' : `${bounds && ','} aim ${aim}`}`;
}

/** What is wrong with the goals file; empty where nothing is. */
export function goalProblems(goals: readonly Goal[]): string[] {
  const ids = goals.map(({ id }) => id);
  const repeated = ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `${id} stands twice in goals.json`);
  const empty = goals
    .filter(({ id, text, thresholds }) => !/^[A-Z]\d+$/.test(id) || text === '' || thresholds.length === 0)
    .map(({ id }) => `${id}: needs an id such as A1, a text and a threshold`);
  const unbound = goals.flatMap(({ id, thresholds }) =>
    thresholds
      .filter(({ atMost, atLeast, aim }) => ![atMost, atLeast, aim].some(Number.isFinite))
      .map(({ metric }) => `${id}: ${metric} has no number`),
  );
  return [...repeated, ...empty, ...unbound];
}

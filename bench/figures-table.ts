import type { StoredFigure } from './figure-result.ts';
import { type Goal, type Threshold, thresholdText } from './goals.ts';

/**
 * The README's table: one row a goal, with the last full result where there is one. Only what the goal speaks of: all else that was
 * measured, the peers' own numbers too, stands in `bench/results/`.
 */
export function figuresTable(goals: readonly Goal[], results: ReadonlyMap<string, StoredFigure>): string {
  const rows = goals.map(({ id, title, thresholds }) => {
    const result = results.get(id);
    const numbers = thresholds.map((threshold) => measured(threshold, result)).join('<br>');
    const verdict = result ? (result.ok ? 'yes' : '**no**') : 'not measured';
    const where = result ? `${result.date.slice(0, 10)}, ${result.machine}` : '';
    return `| ${id} | ${title} | ${numbers} | ${verdict} | ${where} |`;
  });
  return ['| id | what | measured (goal) | reached | when, where |', '|---|---|---|---|---|', ...rows].join('\n');
}

function measured(threshold: Threshold, result: StoredFigure | undefined): string {
  const value = result?.figure[threshold.metric];
  const goal = thresholdText(threshold).slice(threshold.metric.length).trim();
  const shown = value === undefined ? '' : ` ${Number(value.toPrecision(3))}`;
  const missed =
    value !== undefined && (value > (threshold.atMost ?? Infinity) || value < (threshold.atLeast ?? -Infinity));
  return `${threshold.metric}${missed ? ` **${shown.trim()}**` : shown} (${goal})`;
}

import type { StoredFigure } from './figure-result.ts';
import { type Goal, thresholdText } from './goals.ts';

/** The README's table: one row a goal, with the last full result where there is one. */
export function figuresTable(goals: readonly Goal[], results: ReadonlyMap<string, StoredFigure>): string {
  const rows = goals.map((goal) => {
    const result = results.get(goal.id);
    const bounds = goal.thresholds.map(thresholdText).join('<br>');
    const numbers = (values: Record<string, number> = {}) =>
      Object.entries(values)
        .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
        .join('<br>');
    const verdict = result ? (result.ok ? 'yes' : 'no') : 'not measured';
    const where = result ? `${result.date.slice(0, 10)} | ${result.machine}` : ' | ';
    return `| ${goal.id} | ${goal.title} | ${numbers(result?.figure)} | ${bounds} | ${numbers(result?.peer)} | ${verdict} | ${where} |`;
  });
  return [
    '| id | what | figure | goal | peer | reached | date | machine |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

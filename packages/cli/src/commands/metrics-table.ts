import type { MetricInterval } from '@vesalius/bundle';

/** Figures with their intervals, a line each. */
export function metricsTable(metrics: readonly MetricInterval[]): string {
  const rows = metrics.map(({ name, className = 'mean over classes', estimate, low, high, cases }) => [
    name,
    className,
    estimate.toFixed(4),
    `${low.toFixed(4)} to ${high.toFixed(4)}`,
    `${cases} cases`,
  ]);
  const all = [['figure', 'class', 'mean', '95 % interval', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

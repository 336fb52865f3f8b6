import { meanOfNumbers } from '@vesalius/medical';
import type { ComparedRegion, RegionSummary } from './region-scores.ts';
import { type ComparedCase, FIGURES } from './run-comparison.ts';
import type { RecipeSummary } from './summarize-comparison.ts';

interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** A line a case and model. */
export function casesCsv(cases: readonly ComparedCase[]): string {
  const rows = cases.map(({ recipe, seed, fold, case: id, values }) => [
    recipe,
    seed,
    fold,
    id,
    ...FIGURES.map((figure) => values[figure].toFixed(6)),
  ]);
  return `${[['recipe', 'seed', 'fold', 'case', ...FIGURES], ...rows].map((row) => row.join(',')).join('\n')}\n`;
}

/** In Markdown, a line a recipe. */
export function comparisonTable(summaries: readonly RecipeSummary[]): string {
  const [first] = summaries;
  const header = [
    'recipe',
    'Dice (95 %)',
    `against ${first?.recipe ?? ''}`,
    'sd of seeds',
    'Jaccard',
    'HD95 mm',
    'parameters',
    'GFLOP a patch',
    'steps',
    'CPU s',
  ];
  const rows = summaries.map((summary) => [
    summary.recipe,
    withEnds(summary.mean.dice, 4),
    summary === first ? '' : `${withEnds(summary.difference.dice, 4)}, p ${summary.difference.dice.pValue.toFixed(3)}`,
    summary.seedDeviation.toFixed(4),
    summary.mean.iou.estimate.toFixed(4),
    summary.mean.hd95.estimate.toFixed(2),
    summary.parameters.toLocaleString('en'),
    (summary.flops / 1e9).toFixed(2),
    String(summary.steps),
    summary.cpuSeconds.toFixed(0),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const [of = { cases: 0, seeds: 0 }] = summaries;
  return `${[line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')}\n\n${of.cases} cases, ${of.seeds} seeds; a case's score is its mean over seeds; intervals by resampling cases in pairs.\n`;
}

/** A line a case, model and set of channels. */
export function regionsOfCasesCsv(rows: readonly ComparedRegion[], regions: readonly string[]): string {
  const lines = rows.map(({ recipe, seed, fold, case: id, given, dice }) => [
    recipe,
    seed,
    fold,
    id,
    given,
    ...regions.map((region) => dice[region]?.toFixed(6)),
  ]);
  return `${[['recipe', 'seed', 'fold', 'case', 'given', ...regions], ...lines].map((row) => row.join(',')).join('\n')}\n`;
}

/** In Markdown, a line for every set of channels that a recipe was given. */
export function regionsTable(summaries: readonly RegionSummary[], regions: readonly string[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const header = ['recipe', 'given', ...regions, 'mean'];
  const rows = summaries.map(({ recipe, given, dice }) => {
    const values = regions.map((region) => dice[region] as number);
    return [recipe, given, ...[...values, meanOfNumbers(values)].map((value) => value.toFixed(4))];
  });
  return `\n${[line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')}\n\nDice by region; means over cases and seeds.\n`;
}

function withEnds({ estimate, low, high }: Interval, digits: number): string {
  return `${estimate.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

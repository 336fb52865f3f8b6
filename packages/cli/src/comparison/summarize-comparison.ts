import { bootstrapDifference, bootstrapMean, type ConfidenceInterval, meanOfNumbers } from '@vesalius/medical';
import { type ComparedCase, type ComparisonResult, FIGURES } from './run-comparison.ts';

type Figure = (typeof FIGURES)[number];

/** One recipe beside the first. */
export interface RecipeSummary {
  readonly recipe: string;
  readonly seeds: number;
  readonly cases: number;
  readonly parameters: number;
  readonly flops: number;
  readonly steps: number;
  /** Mean of its trainings. */
  readonly cpuSeconds: number;
  /** Over cases; a case's score is its mean over seeds. */
  readonly mean: Readonly<Record<Figure, ConfidenceInterval>>;
  /** Standard deviation between seeds of the mean Dice. */
  readonly seedDeviation: number;
  /** This recipe less the first, case by case. */
  readonly difference: Readonly<Record<Figure, ConfidenceInterval & { readonly pValue: number }>>;
}

/** The table of a comparison; intervals are percentiles of paired resamples of the cases. */
export function summarizeComparison({ cases, runs }: ComparisonResult): RecipeSummary[] {
  const names = [...new Set(cases.map(({ recipe }) => recipe))];
  const [first = ''] = names;
  const scores = (recipe: string, figure: Figure): Float64Array => {
    const byCase = Map.groupBy(
      cases.filter((row) => row.recipe === recipe),
      (row) => row.case,
    );
    const ids = [...byCase.keys()].sort();
    return Float64Array.from(ids, (id) => meanOf(byCase.get(id) ?? [], figure));
  };
  const each = <T>(of: (figure: Figure) => T) =>
    Object.fromEntries(FIGURES.map((figure) => [figure, of(figure)])) as Record<Figure, T>;
  return names.map((recipe) => {
    const own = runs.filter((run) => run.recipe === recipe);
    const mean = each((figure) => bootstrapMean(scores(recipe, figure)));
    const difference = each((figure) => bootstrapDifference(scores(recipe, figure), scores(first, figure)));
    const { parameters = 0, flops = 0, steps = 0 } = own[0] ?? {};
    const bySeed = [
      ...Map.groupBy(
        cases.filter((row) => row.recipe === recipe),
        ({ seed }) => seed,
      ).values(),
    ];
    return {
      recipe,
      seeds: bySeed.length,
      cases: scores(recipe, 'dice').length,
      parameters,
      flops,
      steps,
      cpuSeconds: meanOfNumbers(own.map((run) => run.cpuSeconds)),
      mean,
      seedDeviation: deviation(bySeed.map((rows) => meanOf(rows, 'dice'))),
      difference,
    };
  });
}

function meanOf(rows: readonly ComparedCase[], figure: Figure): number {
  return meanOfNumbers(rows.map(({ values }) => values[figure]).filter(Number.isFinite));
}

function deviation(values: readonly number[]): number {
  const mean = meanOfNumbers(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
}

import { join } from 'node:path';
import { canonicalJson, type OpenBundle, readBundle } from '@vesalius/bundle';
import { readFileBytes } from '@vesalius/bundle/files';
import { inspectOnnx, readOnnx } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  explicitSplit,
  kFoldSplits,
  meanOfNumbers,
  type Split,
  type TrainingPlan,
  withPrecision,
} from '@vesalius/medical';
import { planNetwork } from '@vesalius/methods';
import type { CommandContext } from '../commands/command.ts';
import { chooseChannels } from '../datasets/choose-channels.ts';
import { labelledCases } from '../datasets/labelled-cases.ts';
import type { CheckedDataset } from '../datasets/open-checked-dataset.ts';
import { planDataset } from '../datasets/plan-dataset.ts';
import { stopIfInterrupted } from '../interruption.ts';
import { readFiguresCsv } from '../training/evaluate-model.ts';
import { trainToBundle } from '../training/train-to-bundle.ts';
import { type ComparedRecipe, type Comparison, changePlan } from './comparison-file.ts';
import { type ComparedRegion, scoreRegions } from './region-scores.ts';

/** One case of one trained model. */
export interface ComparedCase {
  readonly recipe: string;
  readonly seed: number;
  readonly fold: number;
  readonly case: string;
  /** By name, mean over classes. */
  readonly values: Readonly<Record<(typeof FIGURES)[number], number>>;
}

/** What one training took. */
export interface ComparedRun {
  readonly recipe: string;
  readonly seed: number;
  readonly fold: number;
  readonly bundle: string;
  readonly steps: number;
  readonly cpuSeconds: number;
  readonly parameters: number;
  /** Of one patch. */
  readonly flops: number;
}

export interface ComparisonResult {
  readonly cases: readonly ComparedCase[];
  /** Where the comparison names regions. */
  readonly regions: readonly ComparedRegion[];
  readonly runs: readonly ComparedRun[];
}

export const FIGURES = ['dice', 'iou', 'hd95', 'surfaceDice'] as const;

interface PlannedRun {
  readonly recipe: ComparedRecipe;
  /** With the recipe's channels. */
  readonly data: CheckedDataset;
  readonly plan: TrainingPlan;
  readonly split: Split;
  readonly seed: number;
  readonly fold: number;
  readonly steps: number;
  readonly threads: number;
}

/**
 * Trains every recipe on every fold with every seed, one after another, each to a bundle under `out`. A comparison that was stopped or killed
 * goes on where it was when it is run again.
 *
 * @throws CHECKPOINT_MISMATCH when `out` holds a bundle of another comparison; and as `trainToBundle`
 */
export async function runComparison(
  comparison: Comparison,
  { data, out, context }: { readonly data: CheckedDataset; readonly out: string; readonly context: CommandContext },
): Promise<ComparisonResult> {
  const runs = planRuns(comparison, data);
  const cases: ComparedCase[] = [];
  const regions: ComparedRegion[] = [];
  const done: ComparedRun[] = [];
  for (const [i, run] of runs.entries()) {
    stopIfInterrupted(context.signal);
    const bundle = join(out, 'runs', `${run.recipe.name}-s${run.seed}-f${run.fold}.bundle`.replaceAll(' ', '-'));
    if (!(await isThere(bundle))) {
      context.stderr.write(`${i + 1} of ${runs.length}: ${run.recipe.name}, seed ${run.seed}, part ${run.fold}\n`);
      const { plan, split, seed, threads, steps } = run;
      const same = { recipe: undefined, gate: undefined, plan, split, seed, threads, budget: { steps }, context };
      await trainToBundle({
        ...run.data,
        ...same,
        checkpointSeconds: CHECKPOINT_SECONDS,
        out: bundle,
        run: `${bundle}.run`,
      });
    }
    const opened = await readBundle(bundle);
    assertSame(run, opened);
    cases.push(...(await casesOf(run, bundle)));
    done.push(await costOf(run, opened));
    if (comparison.regions) regions.push(...(await regionsOf(run, opened, comparison, context)));
  }
  return { cases, regions, runs: done };
}

const CHECKPOINT_SECONDS = 30;

async function regionsOf(
  { recipe, data, seed, fold, split, threads }: PlannedRun,
  opened: OpenBundle,
  { regions = {}, subsets = false }: Comparison,
  { signal }: CommandContext,
): Promise<ComparedRegion[]> {
  const file = `${opened.folder}.regions.csv`;
  const { dataset } = data;
  const asked = { regions, subsets, dataset, cases: split.validation, threads, signal, file };
  return (await scoreRegions(opened, asked)).map((row) => ({ ...row, recipe: recipe.name, seed, fold }));
}

function planRuns(comparison: Comparison, data: CheckedDataset): PlannedRun[] {
  const { recipes, seeds, steps, threads = 1, split: asked } = comparison;
  const labelled = labelledCases(data.dataset, 2);
  const splits =
    'folds' in asked
      ? kFoldSplits(labelled, asked.folds, comparison.name)
      : [explicitSplit(labelled, asked.validation)];
  const plans = recipes.map((recipe) => {
    const own = recipe.channels ? chooseChannels(data, recipe.channels) : data;
    const base = changePlan(planDataset(own.dataset, own.report), comparison.plan);
    const built = recipe.network === undefined ? base : planNetwork(base, recipe.network, recipe.size);
    const precise = recipe.precision === undefined ? built : withPrecision(built, recipe.precision);
    return { recipe, data: own, plan: changePlan(precise, recipe.plan) };
  });
  return seeds.flatMap((seed) =>
    splits.flatMap((split, fold) =>
      plans.map((each) => ({ ...each, split, seed, fold, steps: each.recipe.steps ?? steps, threads })),
    ),
  );
}

async function isThere(bundle: string): Promise<boolean> {
  return readFileBytes(join(bundle, 'manifest.json')).then(
    () => true,
    () => false,
  );
}

function assertSame({ plan, split, seed, steps }: PlannedRun, { folder, manifest }: OpenBundle): void {
  const wanted = canonicalJson({ plan, split, seed, steps });
  const { training, ...found } = manifest;
  if (canonicalJson({ plan: found.plan, split: found.split, seed: found.seed, steps: training.steps }) === wanted)
    return;
  throw new VesaliusError('CHECKPOINT_MISMATCH', {
    what: 'bundle',
    got: 'one of another plan, split, seed or number of steps',
    expected: 'the same comparison, or another --out',
    file: folder,
  });
}

/** From the bundle's own table; means over its classes. */
async function casesOf({ recipe, seed, fold }: PlannedRun, bundle: string): Promise<ComparedCase[]> {
  const text = new TextDecoder().decode(await readFileBytes(join(bundle, 'docs/cases.csv')));
  return readFiguresCsv(text).map(({ id, ...figures }) => {
    const mean = (figure: (typeof FIGURES)[number]): number => meanOfNumbers(figures[figure].filter(Number.isFinite));
    const values = Object.fromEntries(FIGURES.map((figure) => [figure, mean(figure)])) as ComparedCase['values'];
    return { recipe: recipe.name, seed, fold, case: id, values };
  });
}

async function costOf({ recipe, seed, fold }: PlannedRun, opened: OpenBundle): Promise<ComparedRun> {
  const { training, plan } = opened.manifest;
  const space = plan.patchShape.value.length === 2 ? [1, ...plan.patchShape.value] : plan.patchShape.value;
  const model = readOnnx(await opened.readModel(), opened.folder);
  const { parameters, flops } = await inspectOnnx(model, { image: [1, plan.network.value.inChannels, ...space] });
  const { steps, cpuSeconds = Number.NaN } = training;
  return { recipe: recipe.name, seed, fold, bundle: opened.folder, steps, cpuSeconds, parameters, flops };
}

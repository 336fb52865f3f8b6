import { basename, join, resolve } from 'node:path';
import { readJsonFile } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import {
  explicitSplit,
  holdOutSplit,
  kFoldSplits,
  RECIPES,
  type SegmentationRecipe,
  type Split,
  type TrainingPlan,
  withClicks,
  withPrecision,
} from '@vesalius/medical';
import { planNetwork } from '@vesalius/methods';
import type { DataReport } from '../datasets/data-report.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { labelledCases } from '../datasets/labelled-cases.ts';
import { openCheckedDataset } from '../datasets/open-checked-dataset.ts';
import { parsePlan } from '../datasets/parse-plan.ts';
import { planDataset } from '../datasets/plan-dataset.ts';
import { durationText } from '../run/progress.ts';
import { trainToBundle } from '../training/train-to-bundle.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { TRAIN_OPTIONS } from './train.ts';

/** Trains by a recipe, a plan file or a plan of its own, and writes the bundle. */
export async function runTrain(
  { positionals: [what = ''], options }: CommandArguments<typeof TRAIN_OPTIONS>,
  context: CommandContext,
): Promise<void> {
  const started = performance.now();
  const recipe = RECIPES[what];
  const folder = resolve(context.cwd, dataFolder(what, recipe, options.data));
  const { dataset, report } = await openCheckedDataset(folder, options, context);
  labelledCases(dataset, 2);
  const chosen = await choosePlan({ dataset, report, recipe, file: options.plan }, context);
  const { network, size } = options;
  const built = network === undefined ? chosen : planNetwork(chosen, network, size);
  const precise = options.precision === undefined ? built : withPrecision(built, options.precision);
  const plan = options.interactive ? withClicks(precise) : precise;
  const out = resolve(context.cwd, options.out ?? `${recipe?.name ?? basename(dataset.root)}.bundle`);
  const budgetSeconds = options.budget ?? recipe?.budgetSeconds ?? DEFAULT_BUDGET_SECONDS;
  const result = await trainToBundle({
    dataset,
    report,
    plan,
    recipe,
    gate: options.gate ?? recipe?.gate.low,
    split: chooseSplit(dataset, recipe, options),
    seed: options.seed,
    threads: options.threads ?? 2,
    budget: options.steps === undefined ? { seconds: budgetSeconds, started } : { steps: options.steps },
    checkpointSeconds: options['checkpoint-every'],
    out,
    run: options.run === undefined ? `${out}.run` : resolve(context.cwd, options.run),
    context,
  });
  const took = durationText((performance.now() - started) / 1000);
  if (context.json) context.stdout.write(`${JSON.stringify({ bundle: out, ...result })}\n`);
  else
    context.stdout.write(
      `${join(out)}: mean Dice ${result.dice.toFixed(4)} on ${result.cases} unseen cases, ${result.steps} steps, ${took}\n`,
    );
}

const DEFAULT_BUDGET_SECONDS = 600;
const HELD_OUT_SHARE = 0.2;

interface Choices {
  readonly validation: string | undefined;
  readonly folds: number | undefined;
  readonly fold: number;
  readonly seed: number;
}

function dataFolder(what: string, recipe: SegmentationRecipe | undefined, data: string | undefined): string {
  const folder = recipe ? data : what;
  if (folder) return folder;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: `data of the recipe ${what}`,
    got: 'nothing',
    expected: '--data DIR',
  });
}

async function choosePlan(
  {
    dataset,
    report,
    recipe,
    file,
  }: { dataset: Dataset; report: DataReport; recipe: SegmentationRecipe | undefined; file: string | undefined },
  { cwd }: CommandContext,
): Promise<TrainingPlan> {
  if (file !== undefined) {
    const path = resolve(cwd, file);
    return parsePlan(await readJsonFile(path), path, { channels: dataset.channels, labels: report.labels });
  }
  const made = planDataset(dataset, report);
  return recipe ? recipe.adapt(made) : made;
}

/** Of labelled cases only. */
function chooseSplit(
  dataset: Dataset,
  recipe: SegmentationRecipe | undefined,
  { validation, folds, fold, seed }: Choices,
): Split {
  const labelled = labelledCases(dataset, 2);
  if (folds !== undefined) {
    const split = kFoldSplits(labelled, folds, seed)[fold];
    if (!split) throw new VesaliusError('INVALID_ARGUMENT', { what: 'fold', got: fold, expected: `0 to ${folds - 1}` });
    return split;
  }
  const asked = validation ?? recipe?.validation;
  return asked === undefined ? holdOutSplit(labelled, HELD_OUT_SHARE, seed) : explicitSplit(labelled, asked);
}

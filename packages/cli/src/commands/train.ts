import { basename, join, resolve } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import {
  explicitSplit,
  holdOutSplit,
  kFoldSplits,
  RECIPES,
  type SegmentationRecipe,
  type Split,
  type TrainingPlan,
} from '@vesalius/medical';
import type { DataReport } from '../datasets/data-report.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { DATASET_OPTIONS } from '../datasets/dataset-options.ts';
import { labelledCases } from '../datasets/labelled-cases.ts';
import { openCheckedDataset } from '../datasets/open-checked-dataset.ts';
import { parsePlan } from '../datasets/parse-plan.ts';
import { planDataset } from '../datasets/plan-dataset.ts';
import { readJsonFile } from '../files/read-files.ts';
import { durationText } from '../run/progress.ts';
import { trainToBundle } from '../training/train-to-bundle.ts';
import { type CommandContext, defineCommand } from './command.ts';

export const train = defineCommand({
  name: 'train',
  summary: 'train a segmentation model and write it as a signed bundle',
  usage: 'RECIPE|DATA',
  details: `RECIPE is one of ${Object.keys(RECIPES).join(', ')}, with its data under --data; DATA is a data folder, which is planned first.
A stopped or killed training goes on where it was when the same command is given again.`,
  options: {
    ...DATASET_OPTIONS,
    data: { type: 'text', value: 'DIR', summary: 'data folder of a recipe' },
    plan: { type: 'text', value: 'FILE', summary: 'train by this plan instead of making one' },
    out: { type: 'text', value: 'BUNDLE', summary: 'where the bundle goes; ./NAME.bundle by default' },
    run: { type: 'text', value: 'DIR', summary: 'log, events and checkpoints; BUNDLE.run by default' },
    budget: { type: 'duration', value: 'TIME', summary: 'wall time of the whole command' },
    steps: { type: 'number', value: 'N', summary: 'train so many steps instead', integer: true, minimum: 1 },
    validation: {
      type: 'text',
      value: 'CASES',
      summary: 'cases to set aside: last:30, or names with commas; a fifth by default',
    },
    folds: {
      type: 'number',
      value: 'K',
      summary: 'cross-validation: train on all but one of K parts',
      integer: true,
      minimum: 2,
    },
    fold: {
      type: 'number',
      value: 'I',
      summary: 'which part is set aside, from 0',
      integer: true,
      minimum: 0,
      default: 0,
    },
    gate: {
      type: 'number',
      value: 'DICE',
      summary: "lowest mean Dice that is no failure; the recipe's by default",
      minimum: 0,
      maximum: 1,
    },
    seed: {
      type: 'number',
      value: 'N',
      summary: 'of weights, order and augmentation',
      integer: true,
      minimum: 0,
      default: 0,
    },
    threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1 },
    'checkpoint-every': { type: 'duration', value: 'TIME', summary: 'between checkpoints', default: 20 },
  },
  async run({ positionals: [what = ''], options }, context) {
    const started = performance.now();
    const recipe = RECIPES[what];
    const folder = resolve(context.cwd, dataFolder(what, recipe, options.data));
    const { dataset, report } = await openCheckedDataset(folder, options, context);
    labelledCases(dataset, 2);
    const plan = await choosePlan({ dataset, report, recipe, file: options.plan }, context);
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
  },
});

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

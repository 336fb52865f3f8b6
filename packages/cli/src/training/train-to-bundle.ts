import { makeWayForBundle, openSessionPool, signingKey, writeBundle } from '@vesalius/bundle';
import { openOnnx, type TensorValue, type WeightMap, writeOnnx, writeSafetensors } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  createVolumePredictor,
  prepareSample,
  type Sample,
  type SegmentationRecipe,
  type Split,
  type TrainingPlan,
  type VolumePredictor,
} from '@vesalius/medical';
import { METHOD_NETWORKS } from '@vesalius/methods';
import type { CommandContext } from '../commands/command.ts';
import type { DataReport } from '../datasets/data-report.ts';
import type { Dataset, DatasetCase } from '../datasets/dataset.ts';
import { readCase } from '../datasets/read-case.ts';
import { stopIfInterrupted } from '../interruption.ts';
import { lockRun } from '../run/lock-run.ts';
import { showProgress } from '../run/progress.ts';
import { assertMemory } from './assert-memory.ts';
import { describeBundle } from './describe-bundle.ts';
import { type CaseFigures, evaluateCases, figuresCsv, summarizeFigures } from './evaluate-model.ts';
import { exportModel } from './export-model.ts';
import { diceOfLargest, tryLargestOnly } from './largest-component-rule.ts';
import { recordValidation } from './record-validation.ts';
import type { RunDescription } from './run-description.ts';
import { type BudgetRevision, fixedSteps, replaySteps, type StepBudget, stepsWithin } from './step-budget.ts';
import { type Look, takeLook } from './take-look.ts';
import { type TrainedModel, trainModel } from './train-model.ts';
import { showCases, trainingReport } from './training-report.ts';

/** Steps, a wall time counted from a moment, or what another training did. */
export type Budget =
  | { readonly steps: number }
  | { readonly seconds: number; readonly started: number }
  | { readonly revisions: readonly BudgetRevision[] };

export interface TrainToBundleOptions {
  readonly dataset: Dataset;
  readonly report: DataReport;
  readonly plan: TrainingPlan;
  readonly recipe: SegmentationRecipe | undefined;
  /** Lowest mean Dice on the validation cases that counts as a success. */
  readonly gate: number | undefined;
  readonly split: Split;
  readonly seed: number;
  readonly threads: number;
  readonly budget: Budget;
  /** Between checkpoints. */
  readonly checkpointSeconds?: number;
  readonly out: string;
  readonly run: string;
  readonly context: CommandContext;
}

export interface TrainedBundle {
  readonly steps: number;
  readonly cases: number;
  /** Mean over classes, then over the validation cases. */
  readonly dice: number;
  readonly diceInterval: readonly [number, number];
}

/**
 * From checked data to a signed bundle: train, evaluate on the cases set aside, write.
 *
 * @throws GATE_FAILED after writing, when less than the gate was reached; and what the parts throw
 */
export async function trainToBundle(options: TrainToBundleOptions): Promise<TrainedBundle> {
  assertMemory(options.plan);
  await makeWayForBundle(options.out);
  const giveBack = await lockRun(options.run);
  try {
    return await trainedBundle(options);
  } finally {
    await giveBack();
  }
}

async function trainedBundle(options: TrainToBundleOptions): Promise<TrainedBundle> {
  const { dataset, plan, split, gate, out } = options;
  const samples = await prepareSamples(options, casesNamed(dataset, split.training));
  const trained = await train(options, samples);
  const { model, predictor } = await predictorOf(options, trained.weights, openSessionPool);
  const figures = await evaluate(options, predictor);
  const classNames = plan.classes.slice(1).map(({ name }) => name);
  const metrics = summarizeFigures(figures, classNames, options.seed);
  const trials = tryLargestOnly(figures, plan);
  const description = describeBundle(options, { trained, metrics, trials });
  const { manifest } = description;
  const shown = await showCases(figures, { manifest, dataset, predictor });
  await recordValidation(options.run, { step: trained.steps, metrics, shown });
  const report = trainingReport({ manifest, report: options.report, figures, shown });
  await predictor.close();
  await writeBundle(
    out,
    {
      model,
      weights: writeSafetensors(trained.weights as WeightMap),
      ...description,
      more: { 'docs/cases.csv': figuresCsv(figures, classNames), 'docs/report.html': report },
    },
    await signingKey(),
  );
  const dice = metrics.find(({ name, className }) => name === 'dice' && className === undefined);
  const result = {
    steps: trained.steps,
    cases: figures.length,
    dice: dice?.estimate ?? Number.NaN,
    diceInterval: [dice?.low ?? Number.NaN, dice?.high ?? Number.NaN] as const,
  };
  if (gate !== undefined && !(result.dice >= gate)) {
    throw new VesaliusError('GATE_FAILED', {
      what: 'mean Dice',
      got: result.dice.toFixed(4),
      expected: `at least ${gate}`,
      file: out,
    });
  }
  return result;
}

async function predictorOf(
  { plan, threads }: TrainToBundleOptions,
  weights: ReadonlyMap<string, TensorValue>,
  openWindowModel: typeof openOnnx,
) {
  const model = writeOnnx(exportModel(plan, weights));
  return {
    model,
    predictor: await createVolumePredictor({
      plan,
      methods: METHOD_NETWORKS,
      model,
      weights,
      threads,
      openWindowModel,
    }),
  };
}

/** Cases that are looked at while the training goes on. */
const LOOK_CASES = 3;

async function look(options: TrainToBundleOptions, weights: ReadonlyMap<string, TensorValue>): Promise<Look> {
  const { dataset, plan, split, context } = options;
  const { predictor } = await predictorOf(options, weights, openOnnx);
  const cases = casesNamed(dataset, split.validation).slice(0, LOOK_CASES);
  return takeLook(predictor, { dataset, plan, cases, signal: context.signal });
}

function casesNamed({ cases }: Dataset, ids: readonly string[]): DatasetCase[] {
  const wanted = new Set(ids);
  return cases.filter(({ id }) => wanted.has(id));
}

async function prepareSamples(
  { dataset, plan, context }: TrainToBundleOptions,
  cases: readonly DatasetCase[],
): Promise<Sample[]> {
  const progress = showProgress(context.stderr, { label: 'Preparing', json: context.json });
  const samples: Sample[] = [];
  for (const [i, item] of cases.entries()) {
    stopIfInterrupted(context.signal);
    const { channels, label } = await readCase(dataset, item);
    if (label) samples.push(prepareSample({ channels, label }, plan));
    progress.update({ done: i + 1, total: cases.length, note: item.id });
  }
  progress.finish();
  return samples;
}

async function train(options: TrainToBundleOptions, samples: readonly Sample[]): Promise<TrainedModel> {
  const { plan, split, seed, threads, budget, run, context, recipe, report, checkpointSeconds } = options;
  const files = report.cases.flatMap((item) => item.files);
  const asked =
    'steps' in budget
      ? `steps ${budget.steps}`
      : 'seconds' in budget
        ? `seconds ${budget.seconds}`
        : `revisions ${JSON.stringify(budget.revisions)}`;
  const description: RunDescription = {
    recipe: recipe?.name ?? null,
    plan,
    split,
    seed,
    threads,
    budget: asked,
    files,
  };
  const progress = showProgress(context.stderr, { label: 'Training', json: context.json });
  const trained = await trainModel({
    description,
    samples,
    runFolder: run,
    budget: (earlier) => stepBudget(budget, split.validation.length, earlier),
    signal: context.signal,
    progress,
    look: (weights) => look(options, weights),
    ...(checkpointSeconds !== undefined && { checkpointSeconds }),
  });
  progress.finish(`Trained ${trained.steps} steps`);
  return trained;
}

/** Wall time kept for writing, and for predicting and measuring each validation case. */
const RESERVE_SECONDS = 8;
const RESERVE_PER_CASE_SECONDS = 0.9;

function stepBudget(budget: Budget, validationCases: number, earlier: readonly BudgetRevision[]): StepBudget {
  if ('steps' in budget) return fixedSteps(budget.steps);
  if ('revisions' in budget) return replaySteps(budget.revisions);
  const used = (performance.now() - budget.started) / 1000;
  return stepsWithin(budget.seconds - used - RESERVE_SECONDS - RESERVE_PER_CASE_SECONDS * validationCases, earlier);
}

async function evaluate(
  { dataset, split, plan, context }: TrainToBundleOptions,
  predictor: VolumePredictor,
): Promise<(CaseFigures & { diceOfLargest: number[] })[]> {
  const progress = showProgress(context.stderr, { label: 'Evaluating', json: context.json });
  const cases = casesNamed(dataset, split.validation);
  const figures: Awaited<ReturnType<typeof evaluate>> = [];
  const onCase = (done: number, total: number, { id }: CaseFigures): void => progress.update({ done, total, note: id });
  for await (const { scan: _, prediction, truth, ...measured } of evaluateCases(
    predictor,
    { dataset, cases, plan },
    { signal: context.signal, onCase },
  )) {
    figures.push({ ...measured, diceOfLargest: diceOfLargest({ prediction, truth }, plan) });
  }
  progress.finish();
  return figures;
}

import { join, resolve } from 'node:path';
import { explicitSplit, type TrainingPlan } from '@vesalius/medical';
import { openCheckedDataset } from '../datasets/open-checked-dataset.ts';
import { planDataset } from '../datasets/plan-dataset.ts';
import { writePhantoms } from '../datasets/write-phantoms.ts';
import { durationText, showProgress } from '../run/progress.ts';
import { trainToBundle } from '../training/train-to-bundle.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { DEMO_OPTIONS } from './demo.ts';
import { runPredict } from './run-predict.ts';

const CASES = 24;
const UNSEEN = 6;

/** Makes up scans, then trains, measures, predicts and reports. */
export async function runDemo(
  {
    positionals: [folder = 'vesalius-demo'],
    options: { budget, seed, threads },
  }: CommandArguments<typeof DEMO_OPTIONS>,
  context: CommandContext,
): Promise<void> {
  const { stderr, stdout, signal, json, cwd } = context;
  const started = performance.now();
  const out = resolve(cwd, folder);
  const [data, bundle] = [join(out, 'data'), join(out, 'phantom.bundle')];
  const writing = showProgress(stderr, { label: 'Making up scans', json });
  await writePhantoms(data, { cases: CASES, seed, signal, onProgress: writing.update });
  writing.finish(`${CASES} made-up head scans in ${data}`);
  const { dataset, report } = await openCheckedDataset(data, {}, context);
  const result = await trainToBundle({
    dataset,
    report,
    plan: quick(planDataset(dataset, report)),
    recipe: undefined,
    gate: undefined,
    split: explicitSplit(dataset.cases, `last:${UNSEEN}`),
    seed,
    threads,
    budget: { seconds: budget, started },
    out: bundle,
    run: join(out, `run-${Date.now()}`),
    context,
  });
  const predictions = join(out, 'predictions');
  const quiet = { ...context, stdout: { write: () => true } };
  await runPredict(
    {
      positionals: [bundle, join(data, 'images'), predictions],
      options: { mirror: false, explain: undefined, without: undefined, threads },
    },
    quiet,
  );
  const page = join(bundle, 'docs/report.html');
  const [low, high] = result.diceInterval.map((value) => value.toFixed(3));
  const took = durationText((performance.now() - started) / 1000);
  stdout.write(
    json
      ? `${JSON.stringify({ ...result, bundle, predictions, report: page })}\n`
      : `\nMean Dice ${result.dice.toFixed(3)} (${low} to ${high}) on ${result.cases} unseen scans after ${result.steps} steps; ${took} in all.\n\n  report       ${page}\n  bundle       ${bundle}\n  predictions  ${predictions}\n\nThe scans are made up. Next: vesalius train YOUR-DATA --budget 10m\n`,
  );
}

/** A lighter network and a faster start than the plan's: the minute at hand is worth more steps. */
function quick(plan: TrainingPlan): TrainingPlan {
  const { network, optimizer, schedule } = plan;
  const why = 'A demonstration of a minute.';
  const { inChannels, outChannels } = network.value;
  const strides = Array.from({ length: 3 }, () => [2, 2, 2]);
  return {
    ...plan,
    network: {
      value: { name: 'UNet', inChannels, outChannels, channels: [16, 32, 64, 128], strides, numResUnits: 2 },
      why,
    },
    optimizer: { value: { ...optimizer.value, learningRate: 4e-3 }, why },
    schedule: { value: { ...schedule.value, warmUpSteps: 10 }, why },
  };
}

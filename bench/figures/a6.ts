import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@vesalius/engine';
import {
  type KillMoment,
  killAndResume,
  type TrainingPlace,
  trainWhole,
  weightsOf,
} from '../../tests/kill/kill-training.ts';
import { largestDifference, lossesInOrder, shuffledOrder } from '../../tests/kill/permuted-orders.ts';
import { writeTinyData, writeTinyPlan } from '../../tests/program/tiny-data.ts';
import { runVesalius } from '../../tests/program/vesalius.ts';
import type { FigureOptions, Measure } from '../figure-result.ts';

const SAME = 1e-5;

/**
 * kill -9 at random moments of a training with a step budget, some of them inside the writing of a checkpoint and of the
 * bundle; each resume is compared with the unbroken training, byte for byte. Besides: `reproduce` of a step and of a time
 * budget, and the training step in permuted node orders.
 */
export const measure: Measure = async ({ quick, log }) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-a6-'));
  const place: TrainingPlace = { folder, steps: quick ? 30 : 240 };
  try {
    await writeTinyData(join(folder, 'data'));
    await writeTinyPlan(folder, 'data');
    const started = performance.now();
    const expected = await trainWhole(place, 'whole.bundle');
    const wholeSeconds = (performance.now() - started) / 1000;
    log(`unbroken: ${place.steps} steps in ${wholeSeconds.toFixed(1)} s`);
    const kills = await killAll(place, { expected, moments: momentsOf(place, quick), log });
    const again = await trainWhole(place, 'again.bundle');
    const reproduced = await reproduceAll(place, log);
    return {
      figure: {
        ...kills,
        unbrokenSeconds: wholeSeconds,
        differentUnbroken: again.equals(expected) ? 0 : 1,
        ...reproduced,
        ...(await permute(quick, log)),
      },
      peer: {},
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Most anywhere in the training; two while a checkpoint is written and two while the bundle is. */
function momentsOf({ steps }: TrainingPlace, quick: boolean): KillMoment[] {
  const random = new Random(Date.now());
  const anywhere = Array.from({ length: quick ? 1 : 6 }, (): KillMoment => {
    return { kind: 'step', step: random.integer(steps - 1), delayMs: random.uniform(0, 60) };
  });
  const writing = (quick ? [0] : [0, 1]).flatMap((): KillMoment[] => [
    { kind: 'writing', what: 'checkpoint', afterStep: random.integer(steps - 1), delayMs: 0 },
    { kind: 'writing', what: 'bundle', afterStep: 0, delayMs: random.uniform(0, 4) },
  ]);
  return [...anywhere, ...writing];
}

async function killAll(
  place: TrainingPlace,
  { expected, moments, log }: { expected: Buffer; moments: readonly KillMoment[]; log: FigureOptions['log'] },
): Promise<Record<string, number>> {
  const figure = { kills: 0, differentWeights: 0, insideWriting: 0, leftovers: 0 };
  for (const [i, moment] of moments.entries()) {
    const { step, insideWriting, faults } = await killAndResume(place, { name: `killed${i}.bundle`, moment, expected });
    const what = moment.kind === 'step' ? 'between writes' : `at the ${moment.what}`;
    log(
      `killed ${what} after step ${step}${insideWriting ? ', half written' : ''}: ${faults.join('; ') || 'the same bytes'}`,
    );
    figure.kills++;
    figure.insideWriting += insideWriting ? 1 : 0;
    figure.differentWeights += faults.length > 0 ? 1 : 0;
    figure.leftovers += faults.filter((fault) => fault.startsWith('left')).length;
  }
  return figure;
}

/** A training by steps and one by wall time, each made again from its bundle alone. */
async function reproduceAll(place: TrainingPlace, log: FigureOptions['log']): Promise<Record<string, number>> {
  const { folder } = place;
  const byTime = ['train', 'data', '--plan', 'plan.json', '--budget', '16s', '--out', 'timed.bundle'];
  const timed = await runVesalius([...byTime, '--json'], { cwd: folder });
  const { steps } = JSON.parse(timed.stdout) as { steps: number };
  let notReproduced = 0;
  for (const name of ['whole.bundle', 'timed.bundle']) {
    const result = await runVesalius(['reproduce', name, '--data', 'data'], { cwd: folder });
    const same = result.status === 0 && weightsOf(place, `${name}.again`).equals(weightsOf(place, name));
    log(`reproduce ${name}: ${(result.stdout || result.stderr).trim().split('\n').at(-1)}`);
    if (!same) notReproduced++;
  }
  return { notReproduced, stepsOfTimeBudget: steps };
}

async function permute(quick: boolean, log: FigureOptions['log']): Promise<Record<string, number>> {
  const steps = 8;
  const inOrder = await lossesInOrder(steps);
  const differences: number[] = [];
  for (let seed = 1; seed <= (quick ? 2 : 10); seed++)
    differences.push(largestDifference(inOrder, await lossesInOrder(steps, shuffledOrder(seed))));
  const largest = Math.max(...differences);
  log(`${differences.length} node orders, losses of ${steps} steps within ${largest.toExponential(1)}`);
  return {
    permutations: differences.length,
    wrongPermutations: differences.filter((difference) => !(difference <= SAME)).length,
    permutationDifference: largest,
  };
}

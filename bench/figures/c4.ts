import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BundlePredictor, type OpenBundle, openPredictor, readBundle } from '@vesalius/bundle';
import { VesaliusError } from '@vesalius/errors';
import { bootstrapMean, type Click, computeDice, labelMapOf, meanOfNumbers, simulateClicks } from '@vesalius/medical';
import { createVolume, readVolume, type Volume } from '@vesalius/volume';
import { ROOT } from '../../tools/root.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';
import { openResults, type Results } from '../results-store.ts';
import { measureActiveLearning } from './c4-active-learning.ts';
import { dataFolder } from './data-folder.ts';

/** On one thread; on two about half of it suffices. */
const BUDGET_SECONDS = 60 * 60;
const QUICK_SECONDS = 4 * 60;
/** The last by name; all of them are among the recipe's validation cases. */
const CASES = 20;
const QUICK_CASES = 5;
const AT = [0, 1, 3, 5, 10] as const;
const MOST = 10;
const THREADS = 2;
const GATE_STATUS = 9;
const SOURCES = ['engine', 'medical', 'volume', 'bundle', 'cli/src/training', 'cli/src/datasets'].map(
  (name) => `packages/${name}/**/*.ts`,
);

/**
 * Dice against clicks on cases that no training saw, then labelled cases against strategies of choosing them. `VESALIUS_CLICKS_BUNDLE`
 * names a bundle to measure in place of training one.
 */
export async function measure({ quick, log }: FigureOptions): Promise<FigureResult> {
  const data = join(dataFolder(), 'hippocampus');
  const names = readdirSync(join(data, 'images')).sort();
  const cases = names.slice(-CASES).slice(0, quick ? QUICK_CASES : CASES);
  const results = openResults({
    name: quick ? 'c4-quick' : 'c4',
    columns: [...AT.map((clicks) => `dice${clicks}`), 'firstMs', 'updateMs', 'wrongAtClicks', 'steps', 'seconds'],
    sources: SOURCES,
    data: [data],
  });
  if (!cases.every((name) => results.has(name))) await clickThrough(results, { data, cases, quick, log });
  const rows = results.current().filter((row) => cases.includes(row.case));
  const column = (name: string) => rows.map(({ values }) => values[name] as number);
  const { low, high } = bootstrapMean(column('dice5'));
  return {
    figure: {
      ...Object.fromEntries(AT.map((n) => [`diceAt${n}`, meanOfNumbers(column(`dice${n}`))])),
      diceAt5Low: low,
      diceAt5High: high,
      cases: rows.length,
      slowestFirstMs: Math.max(...column('firstMs')),
      meanUpdateMs: meanOfNumbers(column('updateMs')),
      wrongAtClicks: column('wrongAtClicks').reduce((a, b) => a + b, 0),
      ...(await measureActiveLearning({ data, quick, log })),
    },
    peer: {},
  };
}

interface Work {
  readonly data: string;
  readonly cases: readonly string[];
  readonly quick: boolean;
  readonly log: FigureOptions['log'];
}

async function clickThrough(results: Results, { data, cases, quick, log }: Work): Promise<void> {
  const bundle = await readBundle(await bundleOf(data, quick, log));
  assertUnseen(bundle, cases);
  const predictor = await openPredictor(bundle, { threads: THREADS });
  const { steps, seconds } = bundle.manifest.training;
  for (const name of cases) {
    if (results.has(name)) continue;
    const scan = await readScan(join(data, 'images', name));
    const truth = await readScan(join(data, 'labels', name));
    const values: Record<string, number> = { steps, seconds, ...(await clickOn(predictor, { bundle, scan, truth })) };
    results.append(name, values);
    log(`${name} ${AT.map((n) => `${n}: ${values[`dice${n}`]?.toFixed(4)}`).join('  ')}`);
  }
  await predictor.close();
}

/** @throws DATA_MISMATCH when the bundle was trained on one of the cases */
function assertUnseen({ manifest }: OpenBundle, cases: readonly string[]): void {
  const seen = cases.find((name) => manifest.split.training.some((id) => name.startsWith(id)));
  if (seen !== undefined)
    throw new VesaliusError('DATA_MISMATCH', { what: 'case to measure on', got: seen, expected: 'one not trained on' });
}

interface Clicked {
  readonly bundle: OpenBundle;
  readonly scan: Volume;
  readonly truth: Volume;
}

/** The truth chooses each click's place and class, and measures; nothing else sees it. */
async function clickOn(predictor: BundlePredictor, { bundle, scan, truth }: Clicked): Promise<Record<string, number>> {
  const values = bundle.manifest.classes.map(({ value }) => value);
  const truthMap = labelMapOf(classNumbers(truth, values));
  const numClasses = values.length;
  const dice = (labels: Volume): number =>
    meanOfNumbers(
      computeDice(labelMapOf(classNumbers(labels, values)), truthMap, { numClasses, includeBackground: false }),
    );
  const clicks: Click[] = [];
  const times: number[] = [];
  let labels: Volume<Uint8Array> = await predictor.predict([scan]);
  const found: Record<string, number> = { dice0: dice(labels), wrongAtClicks: 0 };
  for (let n = 1; n <= MOST; n++) {
    const [next] = simulateClicks(classNumbers(labels, values).voxels, truthMap);
    if (next) {
      clicks.push({ voxel: next.voxel, value: values[next.classNumber] as number });
      const started = performance.now();
      ({ labels } = await predictor.predictInDetail([scan], { clicks, previous: labels }));
      times.push(performance.now() - started);
    }
    if (AT.some((at) => at === n)) found[`dice${n}`] = dice(labels);
  }
  const [nx, ny] = scan.size;
  const wrong = clicks.filter(({ voxel: [x, y, z], value }) => labels.voxels[x + nx * (y + ny * z)] !== value);
  return { ...found, firstMs: times[0] ?? 0, updateMs: meanOfNumbers(times), wrongAtClicks: wrong.length };
}

function classNumbers({ voxels, size, voxelToLps }: Volume, values: readonly number[]): Volume<Uint8Array> {
  const numbers = Uint8Array.from(voxels as Uint8Array, (value) => Math.max(0, values.indexOf(Number(value))));
  return createVolume({ voxels: numbers, size, voxelToLps });
}

const readScan = (file: string): Promise<Volume> => readVolume(readFileSync(file), file);

async function bundleOf(data: string, quick: boolean, log: FigureOptions['log']): Promise<string> {
  const given = process.env['VESALIUS_CLICKS_BUNDLE'];
  if (given) return given;
  const out = join(ROOT, '.cache/c4', quick ? 'quick.bundle' : 'clicks.bundle');
  if (existsSync(out)) return out;
  await train(['--data', data, '--out', out, '--budget', `${quick ? QUICK_SECONDS : BUDGET_SECONDS}s`], log);
  return out;
}

/** A gate that fails is a figure missed, not an error. */
function train(args: readonly string[], log: FigureOptions['log']): Promise<void> {
  const command = [join(ROOT, 'packages/cli/bin/vesalius.js'), 'train', 'hippocampus', '--interactive', ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (text) => log(String(text).trimEnd()));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0 || status === GATE_STATUS) resolve();
      else reject(new VesaliusError('RUNTIME_FAILED', { what: 'training with clicks', got: `status ${status}` }));
    });
  });
}

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrapDifference, bootstrapMean } from '@vesalius/medical';
import { pythonWithPeers } from '../../tools/python-env.ts';
import { ROOT } from '../../tools/root.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';
import { openResults, type Results } from '../results-store.ts';
import { dataFolder } from './data-folder.ts';

const MINUTE = 60;
const BUDGET_SECONDS = 10 * MINUTE;
const QUICK_SECONDS = 3 * MINUTE;
const HOUR = 60 * MINUTE;
const VALIDATION_CASES = 30;
const OURS = ['engine', 'medical', 'volume', 'cli'].map((name) => `packages/${name}/src/**/*.ts`);
const THEIRS = ['bench/python/hippocampus.py'];

interface Scored {
  readonly dice: Record<string, number>;
  readonly steps: number;
  readonly seconds: number;
}

/**
 * Hippocampus in ten minutes, and MONAI's U-Net in the same time after it on the same machine; an hour's training counts
 * when `bench/results/a3-hour.csv` holds one of this code (`VESALIUS_HOUR=1` measures it).
 */
export async function measure({ quick, log }: FigureOptions): Promise<FigureResult> {
  const data = join(dataFolder(), 'hippocampus');
  const seconds = quick ? QUICK_SECONDS : BUDGET_SECONDS;
  const [ours, peer] = [
    store(quick ? 'a3-quick-ours' : 'a3-ours', OURS, data),
    store(quick ? 'a3-quick-monai' : 'a3-monai', THEIRS, data),
  ];
  if (ours.current().length < VALIDATION_CASES) keep(ours, await trainOurs(data, seconds, log));
  if (peer.current().length < VALIDATION_CASES) keep(peer, await trainMonai(data, seconds, log));
  const hour = quick ? undefined : await hourDice(data, log);
  const [own, others] = [diceOf(ours), diceOf(peer)];
  const [interval, difference] = [bootstrapMean(own), bootstrapDifference(own, others)];
  return {
    figure: {
      dice: interval.estimate,
      diceLow: interval.low,
      diceHigh: interval.high,
      minutes: (ours.current()[0]?.values['seconds'] ?? Number.NaN) / MINUTE,
      steps: ours.current()[0]?.values['steps'] ?? Number.NaN,
      overMonai: difference.estimate,
      overMonaiLow: difference.low,
      overMonaiHigh: difference.high,
      ...(hour === undefined ? {} : { hourDice: hour }),
    },
    peer: {
      dice: bootstrapMean(others).estimate,
      minutes: (peer.current()[0]?.values['seconds'] ?? Number.NaN) / MINUTE,
      steps: peer.current()[0]?.values['steps'] ?? Number.NaN,
    },
  };
}

function store(name: string, sources: readonly string[], data: string): Results {
  return openResults({ name, columns: ['dice', 'steps', 'seconds'], sources, data: [data] });
}

function keep(results: Results, { dice, steps, seconds }: Scored): void {
  for (const [name, value] of Object.entries(dice)) results.append(name, { dice: value, steps, seconds });
}

/** In the order of the cases' names. */
function diceOf(results: Results): number[] {
  const rows = results.current().toSorted((a, b) => (a.case < b.case ? -1 : 1));
  return rows.map(({ values }) => values['dice'] as number);
}

async function hourDice(data: string, log: FigureOptions['log']): Promise<number | undefined> {
  const hour = store('a3-hour', OURS, data);
  if (process.env['VESALIUS_HOUR'] && hour.current().length < VALIDATION_CASES)
    keep(hour, await trainOurs(data, HOUR, log));
  return hour.current().length < VALIDATION_CASES ? undefined : bootstrapMean(diceOf(hour)).estimate;
}

async function trainOurs(data: string, seconds: number, log: FigureOptions['log']): Promise<Scored> {
  const folder = await mkdtemp(join(tmpdir(), 'vesalius-a3-'));
  const bundle = join(folder, 'bundle');
  const started = performance.now();
  await run(
    process.execPath,
    [
      join(ROOT, 'packages/cli/bin/vesalius.js'),
      'train',
      'hippocampus',
      '--data',
      data,
      '--out',
      bundle,
      '--budget',
      `${seconds}s`,
    ],
    log,
  );
  const took = (performance.now() - started) / 1000;
  const [header = '', ...lines] = readFileSync(join(bundle, 'docs/cases.csv'), 'utf8').trim().split('\n');
  const columns = header.split(',').flatMap((title, i) => (title.startsWith('dice ') ? [i] : []));
  const dice = lines
    .map((line) => line.split(','))
    .map((cells) => [cells[0] ?? '', mean(columns.map((i) => Number(cells[i])))] as const);
  const { training } = JSON.parse(readFileSync(join(bundle, 'manifest.json'), 'utf8')) as {
    training: { steps: number };
  };
  await rm(folder, { recursive: true });
  return { dice: Object.fromEntries(dice), steps: training.steps, seconds: took };
}

async function trainMonai(data: string, seconds: number, log: FigureOptions['log']): Promise<Scored> {
  const script = join(ROOT, 'bench/python/hippocampus.py');
  return JSON.parse(await run(pythonWithPeers(), [script, data, String(seconds), '2'], log)) as Scored;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Runs a program, passes its progress on, and gives the last line it printed. A gate that fails is a figure missed, not an error. */
function run(program: string, args: readonly string[], log: FigureOptions['log']): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    child.stdout.on('data', (text) => {
      printed += text;
    });
    child.stderr.on('data', (text) => log(String(text).trimEnd()));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0 || status === GATE_STATUS) resolve(printed.trim().split('\n').at(-1) ?? '');
      else reject(new Error(`${program} ${args[0]} ended with status ${status}`));
    });
  });
}

const GATE_STATUS = 9;

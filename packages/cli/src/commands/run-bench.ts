import { resolve } from 'node:path';
import { readBundle } from '@vesalius/bundle';
import { readJsonFile } from '@vesalius/bundle/files';
import { compile, initialValues, scalarValue, type TensorValue } from '@vesalius/engine';
import {
  buildPredictionGraph,
  buildTrainingGraph,
  type Size,
  setupOfPlan,
  spatialShape,
  type TrainingPlan,
} from '@vesalius/medical';
import { METHOD_NETWORKS } from '@vesalius/methods';
import { stopIfInterrupted } from '../interruption.ts';
import type { BENCH_OPTIONS } from './bench.ts';
import type { CommandArguments, CommandContext } from './command.ts';

/** Times steps and windows of a plan on this machine. */
export async function runBench(
  { positionals: [path = ''], options: { rounds, threads } }: CommandArguments<typeof BENCH_OPTIONS>,
  { stdout, json, cwd, signal }: CommandContext,
): Promise<void> {
  const plan = path.endsWith('.json')
    ? ((await readJsonFile(resolve(cwd, path))) as TrainingPlan)
    : (await readBundle(resolve(cwd, path))).manifest.plan;
  const step = await timeStep(plan, { rounds, threads, signal });
  const window = await timeWindow(plan, { rounds, threads, signal });
  const { batchSize } = setupOfPlan(plan, METHOD_NETWORKS);
  const result = { step, window, samplesPerSecond: (1000 * batchSize) / step.median, threads };
  const line = ({ median, fastest, cpu, compile: ready }: Timing): string =>
    `${median.toFixed(0)} ms (fastest ${fastest.toFixed(0)}, processor ${cpu.toFixed(0)}), ready after ${ready.toFixed(0)} ms`;
  stdout.write(
    json
      ? `${JSON.stringify(result)}\n`
      : `training step  ${line(step)}\nprediction     ${line(window)}\n${result.samplesPerSecond.toFixed(1)} samples/s with ${threads} threads, patch ${plan.patchShape.value.join('x')}\n`,
  );
}

/** Milliseconds. */
interface Timing {
  readonly median: number;
  readonly fastest: number;
  /** Processor time of the median run's neighbours, all threads together. */
  readonly cpu: number;
  readonly compile: number;
}

interface BenchOptions {
  readonly rounds: number;
  readonly threads: number;
  readonly signal: AbortSignal;
}

async function timeStep(plan: TrainingPlan, options: BenchOptions): Promise<Timing> {
  const setup = setupOfPlan(plan, METHOD_NETWORKS);
  const { program, variables } = buildTrainingGraph(setup);
  const space = spatialShape(setup.patchSize);
  const started = performance.now();
  const executable = await compile(program, options);
  const ready = performance.now() - started;
  for (const [name, value] of initialValues(variables, 0)) executable.writeState(name, value);
  const image = filled([setup.batchSize, setup.channels, ...space], (i) => Math.sin(i));
  const label = filled([setup.batchSize, 1, ...space], (i) => i % setup.classes);
  let step = 0;
  const timing = await time(options, () =>
    executable.run({ image, label, learning_rate: scalarValue(1e-4), step: scalarValue(++step) }),
  );
  await executable.close();
  return { ...timing, compile: ready };
}

async function timeWindow(plan: TrainingPlan, options: BenchOptions): Promise<Timing> {
  const setup = setupOfPlan(plan, METHOD_NETWORKS);
  const { program, variables } = buildPredictionGraph(setup, setup.patchSize as Size);
  const started = performance.now();
  const executable = await compile(program, options);
  const ready = performance.now() - started;
  for (const [name, value] of initialValues(variables, 0)) executable.writeState(name, value);
  const image = filled([1, setup.channels, ...spatialShape(setup.patchSize)], (i) => Math.sin(i));
  const timing = await time(options, () => executable.run({ image }));
  await executable.close();
  return { ...timing, compile: ready };
}

function filled(shape: readonly number[], value: (i: number) => number): TensorValue {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, dtype: 'float32', data: Float32Array.from({ length: count }, (_, i) => value(i)) };
}

async function time({ rounds, signal }: BenchOptions, work: () => Promise<unknown>): Promise<Omit<Timing, 'compile'>> {
  await work();
  const runs: { wall: number; cpu: number }[] = [];
  for (let i = 0; i < rounds; i++) {
    stopIfInterrupted(signal);
    const [cpu, wall] = [process.cpuUsage(), performance.now()];
    await work();
    const { user, system } = process.cpuUsage(cpu);
    runs.push({ wall: performance.now() - wall, cpu: (user + system) / 1000 });
  }
  const median = (values: number[]): number =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  return {
    median: median(runs.map(({ wall }) => wall)),
    fastest: Math.min(...runs.map(({ wall }) => wall)),
    cpu: median(runs.map(({ cpu }) => cpu)),
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import type { FigureOptions, Measure } from '../figure-result.ts';
import { alternate, clockOf, median } from '../peers/alternate.ts';
import { busyShare } from '../peers/busy-machine.ts';
import type { LineProcess } from '../peers/line-process.ts';
import { fastestSetting, startOurs, startTheirs } from '../peers/sides.ts';
import { CASE_NAMES, type CaseName, TRAINING_CASES } from '../peers/training-cases.ts';

/** Training steps beside PyTorch eager: the same network, weights and batch; see goals.json. */
export const measure: Measure = async ({ quick, log }) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-a1-'));
  const figure: Record<string, number> = { busyShare: busyShare(log) };
  const peer: Record<string, number> = {};
  try {
    for (const name of CASE_NAMES) {
      log(`(${name}) ${TRAINING_CASES[name].title}`);
      const measured = await measureCase({ name, path: join(folder, `${name}.safetensors`), quick, log });
      for (const [metric, value] of Object.entries(measured.figure)) figure[`${name}.${metric}`] = round(value);
      for (const [metric, value] of Object.entries(measured.peer)) peer[`${name}.${metric}`] = round(value);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { figure, peer };
};

const round = (value: number): number => Number(value.toPrecision(4));

interface CaseOptions extends FigureOptions {
  readonly name: CaseName;
  /** Where weights and batch go over to the other side. */
  readonly path: string;
}

interface Built {
  readonly parameters: number;
  readonly compileSeconds: number;
}

type Numbers = Record<string, number>;

async function measureCase(options: CaseOptions): Promise<{ figure: Numbers; peer: Numbers }> {
  const one = await measureSpeed(options, 1);
  const two = await measureSpeed(options, 2);
  const memory = await measureMemory(options, one.setting);
  const compileSeconds = median([one.compileSeconds, two.compileSeconds, memory.compileSeconds]);
  return {
    figure: { ...one.figure, ...two.figure, ...memory.figure, compileSeconds },
    peer: { ...one.peer, ...two.peer, ...memory.peer },
  };
}

const SETTINGS = ['contiguous/foreach', 'channels_last/foreach', 'contiguous/fused', 'channels_last/fused'];

interface Speed {
  readonly figure: Numbers;
  readonly peer: Numbers;
  readonly compileSeconds: number;
  readonly setting: string;
}

async function measureSpeed({ name, path, quick, log }: CaseOptions, threads: number): Promise<Speed> {
  const [ours, theirs] = [await startOurs('train'), await startTheirs('train')];
  try {
    const built = await ours.ask<Built>({ do: 'build', name, threads });
    await ours.ask({ do: 'share', path });
    const build = { name, threads, path };
    const setting = await fastestSetting(theirs, {
      build,
      settings: SETTINGS,
      request: { do: 'steps', count: quick ? 1 : 2 },
    });
    const other = await theirs.ask<Built>({ do: 'build', ...build, setting });
    await assertSameWork({ ours, theirs, parameters: [built.parameters, other.parameters] });
    const clock = clockOf(threads);
    const request = { do: 'steps', count: quick ? 2 : 4 };
    await alternate({ ours, theirs, request: { do: 'steps', count: 1 }, rounds: 1, clock });
    const { oursMs, theirsMs, ratio } = await alternate({ ours, theirs, request, rounds: quick ? 2 : 9, clock });
    log(
      `  ${threads} thread(s): ${oursMs.toFixed(0)} ms, PyTorch ${theirsMs.toFixed(0)} ms (${setting}), ratio ${ratio.median.toFixed(2)}`,
    );
    const metric = threads === 1 ? 'oneThreadCpu' : 'twoThreadWall';
    return {
      figure: {
        [`${metric}Ratio`]: ratio.median,
        [`${metric}RatioMin`]: ratio.min,
        [`${metric}RatioMax`]: ratio.max,
        [`${metric}Ms`]: oursMs,
        parameters: built.parameters,
      },
      peer: { [`${metric}Ms`]: theirsMs, [`${metric}ChannelsLast`]: Number(setting.startsWith('channels_last')) },
      compileSeconds: built.compileSeconds,
      setting,
    };
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
  }
}

interface FirstStep {
  readonly loss: number;
  readonly gradientNorm: number;
}

/** @throws DATA_MISMATCH when the two sides do not hold the same network or do not get the same first gradient */
async function assertSameWork({
  ours,
  theirs,
  parameters,
}: {
  ours: LineProcess;
  theirs: LineProcess;
  parameters: [number, number];
}): Promise<void> {
  const [first, other] = [await ours.ask<FirstStep>({ do: 'check' }), await theirs.ask<FirstStep>({ do: 'check' })];
  const values = { parameters, loss: [first.loss, other.loss], gradientNorm: [first.gradientNorm, other.gradientNorm] };
  for (const [what, [got, expected]] of Object.entries(values) as [string, [number, number]][]) {
    if (Math.abs(got - expected) <= 1e-3 * Math.abs(expected)) continue;
    throw new VesaliusError('DATA_MISMATCH', { what: `${what} of the first step`, got, expected });
  }
}

/** Growth of each side's memory over what its libraries hold before a network is built, each alone in a fresh process. */
async function measureMemory({ name, path, log }: CaseOptions, setting: string): Promise<Omit<Speed, 'setting'>> {
  const build = { do: 'build', name, threads: 1, path, setting };
  const ours = await peakOf(await startOurs('train'), build);
  const theirs = await peakOf(await startTheirs('train'), build);
  log(`  memory: ${megabytes(ours.grown)} MB, PyTorch ${megabytes(theirs.grown)} MB`);
  return {
    figure: {
      peakMemoryRatio: ours.grown / theirs.grown,
      peakMemoryMegabytes: megabytes(ours.grown),
      processMegabytes: megabytes(ours.whole),
    },
    peer: { peakMemoryMegabytes: megabytes(theirs.grown), processMegabytes: megabytes(theirs.whole) },
    compileSeconds: ours.compileSeconds,
  };
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

async function peakOf(
  side: LineProcess,
  build: Parameters<LineProcess['ask']>[0],
): Promise<{ grown: number; whole: number; compileSeconds: number }> {
  try {
    const before = side.memory().now;
    const { compileSeconds } = await side.ask<Built>(build);
    await side.ask({ do: 'steps', count: 5 });
    const whole = side.memory().peak;
    return { grown: whole - before, whole, compileSeconds };
  } finally {
    await side.close();
  }
}

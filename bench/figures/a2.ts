import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import type { FigureOptions, Measure } from '../figure-result.ts';
import { type Alternation, alternate, clockOf } from '../peers/alternate.ts';
import { busyShare } from '../peers/busy-machine.ts';
import type { LineProcess } from '../peers/line-process.ts';
import { fastestSetting, startOurs, startTheirs } from '../peers/sides.ts';

const SETTINGS = ['contiguous/1', 'channels_last/1', 'contiguous/4', 'channels_last/4'];
/** Largest difference between the probabilities of both sides. */
const TOLERANCE = 1e-3;

/** Sliding-window prediction of a 128x128x128 volume beside MONAI: the same network, weights, windows and blending. */
export const measure: Measure = async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-a2-'));
  try {
    const busy = busyShare(options.log);
    const two = await measureSpeed({ ...options, folder, threads: 2 });
    const one = await measureSpeed({ ...options, folder, threads: 1 });
    return {
      figure: {
        busyShare: busy,
        timeRatio: two.ratio.median,
        timeRatioMin: two.ratio.min,
        timeRatioMax: two.ratio.max,
        oneThreadCpuRatio: one.ratio.median,
        twoThreadWallMs: two.oursMs,
        oneThreadCpuMs: one.oursMs,
        largestDifference: Math.max(one.difference, two.difference),
      },
      peer: { twoThreadWallMs: two.theirsMs, oneThreadCpuMs: one.theirsMs },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

interface SpeedOptions extends FigureOptions {
  readonly folder: string;
  readonly threads: number;
}

async function measureSpeed({
  folder,
  threads,
  quick,
  log,
}: SpeedOptions): Promise<Alternation & { difference: number }> {
  const [ours, theirs] = [await startOurs('predict'), await startTheirs('predict')];
  try {
    const path = join(folder, 'shared.safetensors');
    await ours.ask({ do: 'build', threads });
    await ours.ask({ do: 'share', path });
    const build = { threads, path };
    const setting = await fastestSetting(theirs, { build, settings: SETTINGS, request: { do: 'part' } });
    await theirs.ask({ do: 'build', ...build, setting });
    const request = { do: 'predict' };
    const timed = await alternate({ ours, theirs, request, rounds: quick ? 1 : 5, clock: clockOf(threads) });
    const [mine, other] = [timed.oursMs.toFixed(0), timed.theirsMs.toFixed(0)];
    log(`${threads} thread(s): ${mine} ms, MONAI ${other} ms (${setting}), ratio ${timed.ratio.median.toFixed(2)}`);
    return { ...timed, difference: await largestDifference([ours, theirs], folder) };
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
  }
}

/**
 * Largest difference between the probabilities that both sides predicted last.
 *
 * @throws DATA_MISMATCH when they do not predict the same
 */
async function largestDifference(sides: readonly [LineProcess, LineProcess], folder: string): Promise<number> {
  const [ours, theirs] = [await saved(sides[0], join(folder, 'ours')), await saved(sides[1], join(folder, 'theirs'))];
  const same = ours.length === theirs.length;
  const worst = same
    ? ours.reduce((most, value, i) => Math.max(most, Math.abs(value - (theirs[i] as number))), 0)
    : Infinity;
  if (worst < TOLERANCE) return worst;
  throw new VesaliusError('DATA_MISMATCH', {
    what: 'difference of the probabilities',
    got: worst,
    expected: `below ${TOLERANCE}`,
  });
}

async function saved(side: LineProcess, path: string): Promise<Float32Array> {
  await side.ask({ do: 'save', path });
  return new Float32Array(readFileSync(path).buffer);
}

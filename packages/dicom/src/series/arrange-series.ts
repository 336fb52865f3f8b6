import { VesaliusError } from '@vesalius/errors';
import type { Grid } from '@vesalius/volume';
import type { DataSet } from '../data-set/data-set.ts';
import type { Keyword } from '../dictionary/generated/keyword.ts';
import { parseTime } from '../values/dates.ts';
import { frameText, type SeriesFrame, seriesFrames } from './series-frame.ts';
import { type Stack, splitFrames, stacksOf } from './split-series.ts';
import { gridOfStack } from './stack-grid.ts';

/** A volume to be, before its pixels are read. */
export interface SeriesArrangement extends Grid {
  readonly seriesInstanceUid: string;
  readonly timePoints: number;
  /** 0 when 3-D or unknown. */
  readonly timeStepSeconds: number;
  /** What tells the time points apart: `TriggerTime`, `DiffusionBValue`, ...; missing for one time point. */
  readonly timeAxis?: Keyword;
  /** Of each slice from the lowest to the highest, one time point after another; frames from 0. */
  readonly frames: readonly SeriesFrame[];
}

/** Instances that are not part of a volume, and why. */
export interface SeriesRefusal {
  readonly sopInstanceUids: readonly string[];
  readonly reason: VesaliusError;
}

export interface ReadSeriesOptions {
  /** Give slices of a tilted gantry on a sheared grid; refused without it. */
  readonly allowTilt?: boolean;
}

export interface SeriesArrangements {
  /** The largest first. */
  readonly arrangements: readonly SeriesArrangement[];
  readonly refused: readonly SeriesRefusal[];
}

/** How instances lie as volumes, by their attributes alone: the grids and the order of frames that `readSeries` reads. */
export function arrangeSeries(
  files: readonly SeriesFrame['file'][],
  { allowTilt = false }: ReadSeriesOptions = {},
): SeriesArrangements {
  const refused: SeriesRefusal[] = [];
  const attempt = <T>(dataSets: readonly DataSet[], step: () => T): T | undefined => {
    try {
      return step();
    } catch (error) {
      refused.push(refusalOf(dataSets, error));
      return undefined;
    }
  };
  const frames: SeriesFrame[] = [];
  for (const file of files) frames.push(...(attempt([file.dataSet], () => seriesFrames(file)) ?? []));
  const arrangements: SeriesArrangement[] = [];
  for (const group of splitFrames(frames)) {
    const dataSets = group.map(({ file }) => file.dataSet);
    for (const stack of attempt(dataSets, () => stacksOf(group)) ?? []) {
      const arrangement = attempt(dataSets, () => arrange(stack, allowTilt));
      if (arrangement) arrangements.push(arrangement);
    }
  }
  return { arrangements: arrangements.sort((a, b) => b.frames.length - a.frames.length), refused: joined(refused) };
}

/** @throws what is no error of ours */
export function refusalOf(dataSets: readonly DataSet[], reason: unknown): SeriesRefusal {
  if (!(reason instanceof VesaliusError)) throw reason;
  return { sopInstanceUids: [...new Set(dataSets.map((one) => one.string('SOPInstanceUID') ?? ''))], reason };
}

/** Refusals of the same reason as one. */
export function joined(refused: readonly SeriesRefusal[]): SeriesRefusal[] {
  return [...Map.groupBy(refused, ({ reason }) => reason.message).values()].map((same) => ({
    sopInstanceUids: same.flatMap(({ sopInstanceUids }) => sopInstanceUids),
    reason: (same[0] as SeriesRefusal).reason,
  }));
}

function arrange({ frames, timeAxis }: Stack, allowTilt: boolean): SeriesArrangement {
  const [slices = []] = frames;
  const grid = gridOfStack(slices, { allowTilt });
  const all = frames.flat();
  return {
    ...grid,
    seriesInstanceUid: all[0]?.file.dataSet.string('SeriesInstanceUID') ?? '',
    timePoints: frames.length,
    timeStepSeconds: timeAxis === undefined ? 0 : timeStepSeconds(frames, timeAxis),
    ...(timeAxis === undefined ? {} : { timeAxis }),
    frames: all,
  };
}

/** Of the first slice, from the first time point to the last, or as stated; 0 where neither is a time. */
function timeStepSeconds(frames: Stack['frames'], timeAxis: Keyword): number {
  const [first, last] = [frames[0]?.[0], frames.at(-1)?.[0]];
  if (first === undefined || last === undefined) return 0;
  const seconds = (frame: SeriesFrame): number => secondsOf(frameText(frame, timeAxis), timeAxis);
  const step = (seconds(last) - seconds(first)) / (frames.length - 1);
  if (Number.isFinite(step) && step > 0) return step;
  const stated = Number(frameText(first, 'TemporalResolution')) / 1000;
  return stated > 0 ? stated : 0;
}

function secondsOf(text: string, timeAxis: Keyword): number {
  if (timeAxis === 'TriggerTime' || timeAxis === 'NominalCardiacTriggerDelayTime') return Number(text) / 1000;
  if (timeAxis !== 'AcquisitionTime' && timeAxis !== 'ContentTime') return Number.NaN;
  const { hours, minutes = 0, seconds = 0, microseconds = 0 } = parseTime(text) ?? { hours: Number.NaN };
  return 3600 * hours + 60 * minutes + seconds + microseconds / 1e6;
}

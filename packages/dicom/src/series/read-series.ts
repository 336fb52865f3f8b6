import { VesaliusError } from '@vesalius/errors';
import { createVolume, type Volume } from '@vesalius/volume';
import type { DataSet } from '../data-set/data-set.ts';
import type { Keyword } from '../dictionary/generated/keyword.ts';
import { parseTime } from '../values/dates.ts';
import { frameText, type SeriesFrame, seriesFrames } from './series-frame.ts';
import { type Stack, splitFrames, stacksOf } from './split-series.ts';
import { gridOfStack } from './stack-grid.ts';
import { voxelsOf } from './stack-voxels.ts';

/** A volume and the frames it was made from. */
export interface SeriesVolume {
  readonly volume: Volume;
  readonly seriesInstanceUid: string;
  /** What tells the time points apart: `TriggerTime`, `DiffusionBValue`, ...; missing for one time point. */
  readonly timeAxis?: Keyword;
  /** Of each slice from the lowest to the highest, one time point after another; frames from 0. */
  readonly frames: readonly { readonly dataSet: DataSet; readonly frame: number }[];
}

/** Instances that are not part of a volume, and why. */
export interface SeriesRefusal {
  readonly sopInstanceUids: readonly string[];
  readonly reason: VesaliusError;
}

export interface SeriesReading {
  /** The largest first. */
  readonly volumes: readonly SeriesVolume[];
  readonly refused: readonly SeriesRefusal[];
}

export interface ReadSeriesOptions {
  /** Give slices of a tilted gantry on a sheared grid; refused without it. */
  readonly allowTilt?: boolean;
}

/**
 * Volumes from the instances of one or several series, in any order. Slices are sorted by their place along the normal; series,
 * frames of reference, orientations, image types and echoes are parted; several frames at each place are time points. Missing,
 * doubled and shifted slices are refused, and so is what has no place in the patient.
 */
export async function readSeries(
  files: readonly SeriesFrame['file'][],
  { allowTilt = false }: ReadSeriesOptions = {},
): Promise<SeriesReading> {
  const refused: SeriesRefusal[] = [];
  const frames: SeriesFrame[] = [];
  for (const file of files) frames.push(...(attempt([file.dataSet], refused, () => seriesFrames(file)) ?? []));
  const volumes: SeriesVolume[] = [];
  for (const group of splitFrames(frames)) {
    const dataSets = group.map(({ file }) => file.dataSet);
    for (const stack of attempt(dataSets, refused, () => stacksOf(group)) ?? []) {
      const volume = await attempt(dataSets, refused, () => volumeOf(stack, allowTilt));
      if (volume) volumes.push(volume);
    }
  }
  return { volumes: volumes.sort((a, b) => b.frames.length - a.frames.length), refused: joined(refused) };
}

function attempt<T>(dataSets: readonly DataSet[], refused: SeriesRefusal[], step: () => T): T | undefined {
  const refuse = (reason: unknown): undefined => {
    if (!(reason instanceof VesaliusError)) throw reason;
    refused.push({ sopInstanceUids: [...new Set(dataSets.map((one) => one.string('SOPInstanceUID') ?? ''))], reason });
  };
  try {
    const result = step();
    return result instanceof Promise ? (result.catch(refuse) as T) : result;
  } catch (error) {
    return refuse(error);
  }
}

/** Refusals of the same reason as one. */
function joined(refused: readonly SeriesRefusal[]): SeriesRefusal[] {
  return [...Map.groupBy(refused, ({ reason }) => reason.message).values()].map((same) => ({
    sopInstanceUids: same.flatMap(({ sopInstanceUids }) => sopInstanceUids),
    reason: (same[0] as SeriesRefusal).reason,
  }));
}

async function volumeOf({ frames, timeAxis }: Stack, allowTilt: boolean): Promise<SeriesVolume> {
  const [slices = []] = frames;
  const grid = gridOfStack(slices, { allowTilt });
  const all = frames.flat();
  const { voxels, components } = await voxelsOf(all);
  const volume = createVolume({
    ...grid,
    voxels,
    components,
    timePoints: frames.length,
    timeStepSeconds: timeAxis === undefined ? 0 : timeStepSeconds(frames, timeAxis),
  });
  return {
    volume,
    seriesInstanceUid: all[0]?.file.dataSet.string('SeriesInstanceUID') ?? '',
    ...(timeAxis === undefined ? {} : { timeAxis }),
    frames: all.map(({ plane: { dataSet, frame } }) => ({ dataSet, frame })),
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

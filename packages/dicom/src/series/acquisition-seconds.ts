import type { Keyword } from '../dictionary/generated/keyword.ts';
import { type DicomTime, parseDateTime, parseTime } from '../values/dates.ts';
import type { SeriesVolume } from './read-series.ts';
import { frameText } from './series-frame.ts';

const DAY = 86_400;

/** Where scanners say when a frame was measured, and how it reads in seconds; the surest first. */
const CLOCKS: readonly (readonly [Keyword, (text: string) => number])[] = [
  ['FrameAcquisitionDateTime', dateTimeSeconds],
  ['AcquisitionDateTime', dateTimeSeconds],
  ['TemporalPositionTimeOffset', Number],
  ['TriggerTime', (text) => Number(text) / 1000],
  ['AcquisitionTime', timeSeconds],
  ['ContentTime', timeSeconds],
];

/**
 * When each time point of a volume was measured, by its first slice: the first clock that rises from one to the next; else the
 * positions at the stated temporal resolution.
 *
 * @returns seconds on the scanner's clock, past midnight too; undefined where nothing tells
 */
export function acquisitionSeconds(frames: SeriesVolume['frames'], timePoints: number): number[] | undefined {
  const slices = frames.length / timePoints;
  const firsts = Array.from({ length: timePoints }, (_, t) => frames[t * slices] as SeriesVolume['frames'][number]);
  for (const [name, seconds] of CLOCKS) {
    const texts = firsts.map((plane) => frameText({ plane }, name));
    const times = texts.map((text) => (text === '' ? Number.NaN : seconds(text)));
    const unrolled = name === 'AcquisitionTime' || name === 'ContentTime' ? pastMidnight(times) : times;
    if (unrolled.every((time, i) => Number.isFinite(time) && time > (unrolled[i - 1] ?? Number.NEGATIVE_INFINITY)))
      return unrolled;
  }
  const [first] = firsts;
  const step = first ? Number(frameText({ plane: first }, 'TemporalResolution')) / 1000 : 0;
  return step > 0 && timePoints > 1 ? firsts.map((_, t) => t * step) : undefined;
}

/** A fall of more than half a day is midnight. */
function pastMidnight(times: readonly number[]): number[] {
  let days = 0;
  return times.map((time, i) => {
    const before = times[i - 1] ?? time;
    if (time < before - DAY / 2) days++;
    return time + days * DAY;
  });
}

function timeSeconds(text: string): number {
  return ofDay(parseTime(text));
}

function ofDay(time: DicomTime | undefined): number {
  if (time === undefined) return Number.NaN;
  const { hours, minutes = 0, seconds = 0, microseconds = 0 } = time;
  return 3600 * hours + 60 * minutes + seconds + microseconds / 1e6;
}

function dateTimeSeconds(text: string): number {
  const moment = parseDateTime(text);
  if (moment?.time === undefined) return Number.NaN;
  return Date.UTC(moment.year, (moment.month ?? 1) - 1, moment.day ?? 1) / 1000 + ofDay(moment.time);
}

import { VesaliusError } from '@vesalius/errors';
import type { Keyword } from '../dictionary/generated/keyword.ts';
import { alikePlanes } from '../objects/planes.ts';
import { frameText, type SeriesFrame } from './series-frame.ts';

/** Frames that fill one grid, each time point from the lowest slice to the highest. */
export interface Stack {
  readonly frames: readonly (readonly SeriesFrame[])[];
  /** What tells its time points apart; missing where there is one. */
  readonly timeAxis?: Keyword;
}

/** What a volume cannot mix. */
const APART: readonly Keyword[] = [
  'SeriesInstanceUID',
  'ImageType',
  'FrameType',
  'StackID',
  'EchoTime',
  'EffectiveEchoTime',
  'SamplesPerPixel',
  'PhotometricInterpretation',
];

/** What may tell frames at one place apart, the surest first. */
const TIME_AXES: readonly Keyword[] = [
  'TemporalPositionIdentifier',
  'TemporalPositionIndex',
  'TriggerTime',
  'NominalCardiacTriggerDelayTime',
  'DiffusionBValue',
  'AcquisitionNumber',
  'FrameAcquisitionDateTime',
  'AcquisitionDateTime',
  'AcquisitionTime',
  'ContentTime',
  'InstanceNumber',
];
/** Frames nearer than this lie at one place. */
const SAME_MM = 0.01;

/** Frames that may belong to one volume: of one series, orientation, pixel grid, image type and echo. */
export function splitFrames(frames: readonly SeriesFrame[]): SeriesFrame[][] {
  const apart = Map.groupBy(frames, (frame) => APART.map((name) => frameText(frame, name)).join('|'));
  return [...apart.values()].flatMap(byFrameOfReference).flatMap(byOrientation);
}

/** Some anonymizers give each instance a frame of reference of its own, which then says nothing. */
function byFrameOfReference(frames: readonly SeriesFrame[]): (readonly SeriesFrame[])[] {
  const groups = Map.groupBy(frames, (frame) => frameText(frame, 'FrameOfReferenceUID'));
  const instances = new Set(frames.map(({ file }) => file.dataSet)).size;
  return groups.size === instances ? [frames] : [...groups.values()];
}

function byOrientation(frames: readonly SeriesFrame[]): SeriesFrame[][] {
  const groups: SeriesFrame[][] = [];
  for (const frame of frames) {
    const group = groups.find(([first]) => first !== undefined && alikePlanes(first.plane, frame.plane));
    if (group) group.push(frame);
    else groups.push([frame]);
  }
  return groups;
}

/**
 * Puts frames that may belong together in order. Where places are taken a different number of times, acquisitions are parted first.
 *
 * @throws GEOMETRY_MISMATCH when slices are still there twice
 */
export function stacksOf(frames: readonly SeriesFrame[]): Stack[] {
  const whole = stackOf(frames);
  if (whole) return [whole];
  const parts = [...Map.groupBy(frames, (frame) => frameText(frame, 'AcquisitionNumber')).values()].map(stackOf);
  if (parts.length > 1 && parts.every((part) => part !== undefined)) return parts;
  const counts = places(frames).map(({ length }) => length);
  throw new VesaliusError('GEOMETRY_MISMATCH', {
    what: 'slices at one place',
    got: `${Math.min(...counts)} to ${Math.max(...counts)}`,
    expected: 'the same number at each of them',
  });
}

function stackOf(frames: readonly SeriesFrame[]): Stack | undefined {
  const levels = places(frames);
  const times = levels[0]?.length ?? 0;
  if (levels.some(({ length }) => length !== times)) return undefined;
  if (times === 1) return { frames: [levels.flat()] };
  const timeAxis = TIME_AXES.find((name) => levels.every((level) => tellsApart(level, name)));
  if (timeAxis === undefined) return undefined;
  const ordered = levels.map((level) =>
    level.toSorted((a, b) => byText(frameText(a, timeAxis), frameText(b, timeAxis))),
  );
  return { timeAxis, frames: Array.from({ length: times }, (_, t) => ordered.map((level) => level[t] as SeriesFrame)) };
}

/** By rising height. */
function places(frames: readonly SeriesFrame[]): SeriesFrame[][] {
  const levels: SeriesFrame[][] = [];
  for (const frame of frames.toSorted((a, b) => a.heightMm - b.heightMm)) {
    const level = levels.at(-1);
    if (level?.[0] && frame.heightMm - level[0].heightMm <= SAME_MM) level.push(frame);
    else levels.push([frame]);
  }
  return levels;
}

function tellsApart(level: readonly SeriesFrame[], name: Keyword): boolean {
  const texts = new Set(level.map((frame) => frameText(frame, name)));
  return texts.size === level.length && !texts.has('');
}

function byText(a: string, b: string): number {
  return Number(a) - Number(b) || (a < b ? -1 : 1);
}

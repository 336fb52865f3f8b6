import { acquisitionSeconds, type DicomFile, readSeries, type SeriesVolume } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { createVolume, sameGrid, type Volume } from '@vesalius/volume';
import { dicomFilesIn } from '../commands/convert-dicom-files.ts';
import type { DynamicStudy } from './dynamic-study.ts';

const FEWEST = 5;

/** Volumes of one measurement, in the order of time. */
interface Course {
  readonly parts: readonly SeriesVolume[];
  readonly seconds: readonly number[] | undefined;
}

/**
 * A dynamic series from DICOM: the longest course, in one series or one series a time point; images of other flip angles on its grid
 * map T1.
 *
 * @throws EMPTY_FOLDER where there is no course of five time points
 */
export async function readDynamicDicom(path: string): Promise<DynamicStudy> {
  const files: DicomFile[] = [];
  for await (const { file } of dicomFilesIn(path)) files.push(file);
  const { volumes, refused } = await readSeries(files);
  const [course] = coursesOf(volumes).toSorted((a, b) => timePointsOf(b) - timePointsOf(a));
  if (course === undefined || timePointsOf(course) < FEWEST)
    throw new VesaliusError('EMPTY_FOLDER', {
      what: 'dynamic series',
      got: refused[0]?.reason.message ?? `${volumes.length} volumes`,
      expected: `a series of at least ${FEWEST} time points`,
      file: path,
    });
  const [first] = course.parts as [SeriesVolume];
  const repetition = numberOf(first, 'RepetitionTime');
  const flip = numberOf(first, 'FlipAngle');
  const flipAngles = flipAnglesOf(volumes, course);
  return {
    volume: joined(course.parts.map(({ volume }) => volume)),
    ...(course.seconds ? { seconds: course.seconds } : {}),
    ...(repetition > 0 ? { repetitionSeconds: repetition / 1000 } : {}),
    ...(flip > 0 ? { flipAngleDegrees: flip } : {}),
    ...(flipAngles ? { flipAngles } : {}),
    source: course.parts
      .flatMap(({ frames }) => frames.slice(0, first.volume.size[2]).map(({ dataSet }) => dataSet))
      .slice(0, first.volume.size[2]),
  };
}

function coursesOf(volumes: readonly SeriesVolume[]): Course[] {
  const long = volumes
    .filter(({ volume }) => volume.timePoints > 1)
    .map((one) => ({ parts: [one], seconds: acquisitionSeconds(one.frames, one.volume.timePoints) }));
  const single = volumes.filter(({ volume }) => volume.timePoints === 1);
  const alike = Map.groupBy(single, (one) =>
    [
      numberOf(one, 'FlipAngle'),
      numberOf(one, 'RepetitionTime'),
      ...one.volume.size,
      one.volume.voxelToLps.matrix.map((n) => n.toFixed(2)),
    ].join(),
  );
  return [...long, ...[...alike.values()].map(inOrder)];
}

/** One series a time point: by their times, and by their numbers where there are none. */
function inOrder(parts: readonly SeriesVolume[]): Course {
  const times = new Map(parts.map((one) => [one, acquisitionSeconds(one.frames, 1)?.[0] ?? Number.NaN]));
  const known = [...times.values()].every(Number.isFinite);
  const key = (one: SeriesVolume): number => (known ? (times.get(one) as number) : numberOf(one, 'SeriesNumber'));
  const ordered = parts.toSorted((a, b) => key(a) - key(b));
  return { parts: ordered, seconds: known ? ordered.map(key) : undefined };
}

function timePointsOf({ parts }: Course): number {
  return parts.reduce((sum, { volume }) => sum + volume.timePoints, 0);
}

function joined(volumes: readonly Volume[]): Volume {
  const [first] = volumes as [Volume];
  if (volumes.length === 1) return first;
  const frame = first.voxels.length;
  const voxels = new Float32Array(frame * volumes.length);
  for (const [t, one] of volumes.entries())
    voxels.set(Float32Array.from(one.voxels as ArrayLike<number>, Number), t * frame);
  return createVolume({ voxels, size: first.size, voxelToLps: first.voxelToLps, timePoints: volumes.length });
}

function flipAnglesOf(volumes: readonly SeriesVolume[], { parts }: Course): DynamicStudy['flipAngles'] {
  const [first] = parts as [SeriesVolume];
  const others = volumes.filter(
    (one) =>
      one.volume.timePoints === 1 &&
      !parts.includes(one) &&
      numberOf(one, 'FlipAngle') > 0 &&
      sameGrid(first.volume, one.volume, 0.1),
  );
  const [some] = others;
  if (some === undefined || new Set(others.map((one) => numberOf(one, 'FlipAngle'))).size < 2) return undefined;
  const alike = others.filter((one) => numberOf(one, 'RepetitionTime') === numberOf(some, 'RepetitionTime'));
  return {
    images: alike.map(({ volume }) => volume),
    anglesDegrees: alike.map((one) => numberOf(one, 'FlipAngle')),
    repetitionSeconds: numberOf(some, 'RepetitionTime') / 1000,
  };
}

function numberOf({ frames }: SeriesVolume, name: 'FlipAngle' | 'RepetitionTime' | 'SeriesNumber'): number {
  return frames[0]?.dataSet.number(name) ?? 0;
}

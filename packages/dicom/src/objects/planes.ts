import { VesaliusError } from '@vesalius/errors';
import { createAffine, type Grid, type Triple } from '@vesalius/volume';
import type { DataSet } from '../data-set/data-set.ts';
import type { Keyword } from '../dictionary/generated/keyword.ts';

/** Where one frame lies in the patient: PS3.3 C.7.6.2. Directions and places in LPS millimetres. */
export interface Plane {
  readonly dataSet: DataSet;
  /** From 0. */
  readonly frame: number;
  readonly rows: number;
  readonly columns: number;
  /** The centre of the first pixel. */
  readonly position: Triple;
  /** Along a row, with rising columns. */
  readonly alongRow: Triple;
  readonly alongColumn: Triple;
  /** Between neighbours of a row, and between rows. */
  readonly spacing: readonly [x: number, y: number];
  /** False for a picture, such as a radiograph: it then lies at the origin, its axes along those of the patient. */
  readonly placed: boolean;
}

const MOST_FRAMES = 1_000_000;

/** Item of a functional group of a frame, its own or the shared one; the data set itself where it has no groups. */
export function frameGroup(dataSet: DataSet, name: Keyword, frame: number): DataSet | undefined {
  const own = dataSet.items('PerFrameFunctionalGroupsSequence')[frame]?.items(name)[0];
  return own ?? dataSet.items('SharedFunctionalGroupsSequence')[0]?.items(name)[0];
}

/**
 * The planes of an image: one of a single-frame image, one a frame of a multi-frame image.
 *
 * @throws VALUE_INVALID when position, orientation or spacing of a frame are missing or wrong, FILE_UNSUPPORTED for tiles of a
 * slide, LIMIT_EXCEEDED for more than a million frames
 */
export function planesOf(dataSet: DataSet): Plane[] {
  const planes = planesOrPicture(dataSet);
  if (planes.every(({ placed }) => placed)) return planes;
  throw new VesaliusError('VALUE_INVALID', { what: 'ImagePositionPatient', got: 'none', expected: '3 numbers' });
}

/** As `planesOf`, with pictures: what has no position has no place in the patient. */
export function planesOrPicture(dataSet: DataSet): Plane[] {
  const frames = Math.max(1, Math.trunc(dataSet.number('NumberOfFrames') || 1));
  if (frames > MOST_FRAMES)
    throw new VesaliusError('LIMIT_EXCEEDED', {
      what: 'frames of an image',
      got: frames,
      expected: `at most ${MOST_FRAMES}`,
    });
  return Array.from({ length: frames }, (_, frame) => planeOf(dataSet, frame));
}

function planeOf(dataSet: DataSet, frame: number): Plane {
  const from = (group: Keyword): DataSet => frameGroup(dataSet, group, frame) ?? dataSet;
  if (frameGroup(dataSet, 'PlanePositionSlideSequence', frame) || dataSet.has('TotalPixelMatrixRows'))
    throw new VesaliusError('FILE_UNSUPPORTED', { what: 'tiles of a slide', expected: 'frames in the patient' });
  if (!from('PlanePositionSequence').has('ImagePositionPatient')) return picturePlane(dataSet, frame);
  const position = numbersOf(from('PlanePositionSequence'), 'ImagePositionPatient', 3);
  const cosines = numbersOf(from('PlaneOrientationSequence'), 'ImageOrientationPatient', 6);
  const [betweenRows, betweenColumns] = numbersOf(from('PixelMeasuresSequence'), 'PixelSpacing', 2) as [number, number];
  return {
    dataSet,
    frame,
    rows: dataSet.number('Rows') ?? 0,
    columns: dataSet.number('Columns') ?? 0,
    position: position as unknown as Triple,
    alongRow: unit(cosines.slice(0, 3)),
    alongColumn: unit(cosines.slice(3)),
    spacing: [betweenColumns, betweenRows],
    placed: true,
  };
}

function picturePlane(dataSet: DataSet, frame: number): Plane {
  const spacings = [dataSet.numbers('PixelSpacing'), dataSet.numbers('ImagerPixelSpacing')];
  const [betweenRows = 1, betweenColumns = 1] = spacings.find(({ length }) => length === 2) ?? [];
  return {
    dataSet,
    frame,
    rows: dataSet.number('Rows') ?? 0,
    columns: dataSet.number('Columns') ?? 0,
    position: [0, 0, 0],
    alongRow: [1, 0, 0],
    alongColumn: [0, 1, 0],
    spacing: [betweenColumns, betweenRows],
    placed: false,
  };
}

function numbersOf(dataSet: DataSet, name: Keyword, count: number): readonly number[] {
  const values = dataSet.numbers(name);
  if (values.length === count && values.every(Number.isFinite)) return values;
  throw new VesaliusError('VALUE_INVALID', { what: name, got: `${values.length} numbers`, expected: count });
}

function unit(direction: readonly number[]): Triple {
  const length = Math.hypot(...direction);
  if (!(Math.abs(length - 1) < 0.01))
    throw new VesaliusError('VALUE_INVALID', { what: 'length of a direction of the image', got: length, expected: 1 });
  return direction.map((value) => value / length) as unknown as Triple;
}

export function cross([a, b, c]: Triple, [d, e, f]: Triple): Triple {
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}

export function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function difference(a: Triple, b: Triple): Triple {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** True when two planes run in the same directions with the same pixels, wherever they lie. */
export function alikePlanes(a: Plane, b: Plane): boolean {
  const extent = Math.max(a.rows, a.columns, 1);
  const near = (p: readonly number[], q: readonly number[], most: number): boolean =>
    p.every((value, i) => Math.abs(value - (q[i] as number)) <= most);
  return (
    a.placed === b.placed &&
    a.rows === b.rows &&
    a.columns === b.columns &&
    near(a.alongRow, b.alongRow, 1e-3) &&
    near(a.alongColumn, b.alongColumn, 1e-3) &&
    near(a.spacing, b.spacing, 0.1 / extent)
  );
}

/** The grid of a stack whose first plane is given and whose planes follow each other by `step` millimetres (LPS). */
export function stackGrid(first: Plane, step: Triple, count: number): Grid {
  const [sx, sy] = first.spacing;
  const rows = [0, 1, 2].flatMap((i) => [
    (first.alongRow[i] as number) * sx,
    (first.alongColumn[i] as number) * sy,
    step[i] as number,
    first.position[i] as number,
  ]);
  return { size: [first.columns, first.rows, count], voxelToLps: createAffine('voxel', 'lps', [...rows, 0, 0, 0, 1]) };
}

/**
 * A grid that runs as the first plane does; how far apart planes are plays no part in it.
 *
 * @throws INVALID_ARGUMENT when there is no plane
 */
export function planeGrid([first]: readonly Plane[]): Grid {
  if (first === undefined) throw new VesaliusError('INVALID_ARGUMENT', { what: 'source instances', got: 'none' });
  return stackGrid(first, cross(first.alongRow, first.alongColumn), 1);
}

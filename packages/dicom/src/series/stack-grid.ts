import { VesaliusError } from '@vesalius/errors';
import { applyAffine, type Grid, type Triple } from '@vesalius/volume';
import { difference, dot, stackGrid } from '../objects/planes.ts';
import { normalOf, type SeriesFrame } from './series-frame.ts';

/** Share of the distance between slices, and of a pixel, by which a slice may be out of place. */
const TOLERANCE = 0.1;
/** Of a pixel, over the whole stack. */
const TILT_TOLERANCE = 0.5;

export interface StackGridOptions {
  /** Give a sheared grid for slices that are shifted against each other, as of a tilted gantry, instead of refusing them. */
  readonly allowTilt: boolean;
}

/**
 * The grid of slices in rising order.
 *
 * @throws GEOMETRY_MISMATCH for missing slices, uneven distances and, if not allowed, a tilted gantry
 */
export function gridOfStack(frames: readonly SeriesFrame[], { allowTilt }: StackGridOptions): Grid {
  const [first, last] = [frames[0] as SeriesFrame, frames.at(-1) as SeriesFrame];
  const normal = normalOf(first.plane);
  if (frames.length === 1)
    return stackGrid(first.plane, normal.map((n) => n * thickness(first)) as unknown as Triple, 1);
  assertEven(frames);
  const whole = difference(last.plane.position, first.plane.position);
  const shift = whole.map((value, i) => value - dot(whole, normal) * (normal[i] as number));
  if (!allowTilt && Math.hypot(...shift) > TILT_TOLERANCE * Math.min(...first.plane.spacing)) {
    throw new VesaliusError('GEOMETRY_MISMATCH', {
      what: 'slices of a tilted gantry',
      got: `${Math.hypot(...shift).toFixed(1)} mm of shift from the first to the last`,
      expected: 'slices above each other',
    });
  }
  const step = whole.map((value) => value / (frames.length - 1)) as unknown as Triple;
  const grid = stackGrid(first.plane, step, frames.length);
  assertInPlace(frames, grid);
  return grid;
}

function thickness({ plane: { dataSet } }: SeriesFrame): number {
  const measures = dataSet.items('SharedFunctionalGroupsSequence')[0]?.items('PixelMeasuresSequence')[0] ?? dataSet;
  return measures.number('SpacingBetweenSlices') || measures.number('SliceThickness') || 1;
}

function assertEven(frames: readonly SeriesFrame[]): void {
  const gaps = frames.slice(1).map(({ heightMm }, i) => heightMm - (frames[i] as SeriesFrame).heightMm);
  const usual = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] as number;
  const odd = gaps.filter((gap) => Math.abs(gap - usual) > TOLERANCE * usual);
  if (odd.length === 0) return;
  const missing = odd.every((gap) => gap > usual && Math.abs(gap / usual - Math.round(gap / usual)) <= TOLERANCE);
  const count = odd.reduce((sum, gap) => sum + Math.round(gap / usual) - 1, 0);
  throw new VesaliusError('GEOMETRY_MISMATCH', {
    what: 'distances between slices',
    got: missing ? `${count} of ${frames.length + count} slices missing` : odd.slice(0, 5).map((gap) => gap.toFixed(3)),
    expected: `${usual.toFixed(3)} mm each`,
  });
}

function assertInPlace(frames: readonly SeriesFrame[], grid: Grid): void {
  const { plane, heightMm } = frames[0] as SeriesFrame;
  const step = ((frames.at(-1) as SeriesFrame).heightMm - heightMm) / (frames.length - 1);
  for (const [i, frame] of frames.entries()) {
    const expected = applyAffine(grid.voxelToLps, [0, 0, i]) as Triple;
    const off = Math.hypot(...difference(frame.plane.position, expected));
    if (off > TOLERANCE * Math.max(step, ...plane.spacing)) {
      throw new VesaliusError('GEOMETRY_MISMATCH', {
        what: `place of slice ${i + 1}`,
        got: `${off.toFixed(3)} mm off`,
        expected: 'evenly placed slices',
      });
    }
  }
}

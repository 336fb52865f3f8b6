import { VesaliusError } from '@vesalius/errors';
import { type Volume, voxelsPerFrame } from '@vesalius/volume';
import { assertRising } from './arterial-input.ts';

/** A 4-D volume and when each of its frames was measured. */
export interface DynamicSeries {
  readonly volume: Volume;
  /** Rising, from 0 at the first frame. */
  readonly seconds: Float64Array;
}

/** Fewest frames that a course can be told from. */
const FEWEST = 5;

/**
 * Puts a volume and its times together.
 *
 * @param seconds - of every frame, on any clock; from the volume's own time step without them
 * @throws SHAPE_MISMATCH for several components, fewer than five frames or other than times, INVALID_ARGUMENT when no times are known or they do not rise
 */
export function dynamicSeries(volume: Volume, seconds?: ArrayLike<number>): DynamicSeries {
  if (volume.components !== 1 || volume.timePoints < FEWEST)
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'components and time points of a dynamic series',
      got: [volume.components, volume.timePoints],
      expected: `1, at least ${FEWEST}`,
    });
  const times = Float64Array.from(seconds ?? evenTimes(volume));
  if (times.length !== volume.timePoints)
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'acquisition times',
      got: times.length,
      expected: volume.timePoints,
    });
  assertRising(times);
  const [start = 0] = times;
  return { volume, seconds: times.map((time) => time - start) };
}

function evenTimes({ timePoints, timeStepSeconds }: Volume): number[] {
  if (!(timeStepSeconds > 0))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'acquisition times',
      got: 'none',
      expected: 'a time for each frame, or a time step in the volume',
    });
  return Array.from({ length: timePoints }, (_, i) => i * timeStepSeconds);
}

/** The course of one voxel. */
export function voxelCurve(
  { volume }: DynamicSeries,
  voxel: number,
  out = new Float64Array(volume.timePoints),
): Float64Array {
  const frame = voxelsPerFrame(volume);
  for (let t = 0; t < out.length; t++) out[t] = Number(volume.voxels[voxel + t * frame]);
  return out;
}

/** Mean course of the voxels that a test lets through. */
export function meanCurve(series: DynamicSeries, of: (voxel: number) => boolean): Float64Array {
  const { volume } = series;
  const frame = voxelsPerFrame(volume);
  const sums = new Float64Array(volume.timePoints);
  let count = 0;
  for (let voxel = 0; voxel < frame; voxel++) {
    if (!of(voxel)) continue;
    count++;
    for (let t = 0; t < sums.length; t++) sums[t] = (sums[t] as number) + Number(volume.voxels[voxel + t * frame]);
  }
  return sums.map((sum) => (count > 0 ? sum / count : 0));
}

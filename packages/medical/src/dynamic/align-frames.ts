import { createVolume, voxelsPerFrame } from '@vesalius/volume';
import type { DynamicSeries } from './dynamic-series.ts';

/** How far a frame has moved against the mean, in voxels along x, y, z. */
export type Motion = readonly [number, number, number];

export interface AlignedFrames {
  readonly series: DynamicSeries;
  /** Of each frame, as found; the frame was moved back by it. */
  readonly motions: readonly Motion[];
}

interface Box {
  readonly size: readonly [number, number, number];
}

const ROUNDS = 6;
const ENOUGH_VOXELS = 0.005;

/**
 * Moves every frame of a series back onto the mean of all, each by one translation, so that a voxel's curve is that of one place.
 *
 * Each frame is explained as the mean, brighter or darker as a whole, moved by a little: contrast that comes does not count as
 * motion. Values are interpolated between voxels, never scaled.
 *
 * @source Lucas and Kanade 1981, with a gain and an offset for the brightness
 */
export function alignFrames(series: DynamicSeries): AlignedFrames {
  const { volume } = series;
  const frame = voxelsPerFrame(volume);
  const all = Float32Array.from(volume.voxels as ArrayLike<number>, Number);
  const mean = new Float32Array(frame);
  for (let i = 0; i < all.length; i++)
    mean[i % frame] = (mean[i % frame] as number) + (all[i] as number) / volume.timePoints;
  const slopes = ([0, 1, 2] as const).map((axis) => slopesAlong(mean, volume, axis));
  const moved = new Float32Array(all.length);
  const motions: Motion[] = [];
  for (let t = 0; t < volume.timePoints; t++) {
    const source = all.subarray(t * frame, (t + 1) * frame);
    const out = moved.subarray(t * frame, (t + 1) * frame);
    motions.push(follow({ source, out, mean, slopes, box: volume }));
  }
  const { size, voxelToLps, timePoints, timeStepSeconds } = volume;
  return {
    series: { ...series, volume: createVolume({ voxels: moved, size, voxelToLps, timePoints, timeStepSeconds }) },
    motions,
  };
}

interface Following {
  readonly source: Float32Array;
  readonly out: Float32Array;
  readonly mean: Float32Array;
  readonly slopes: readonly Float32Array[];
  readonly box: Box;
}

/** Fills `out` with the frame moved back. */
function follow({ source, out, mean, slopes, box }: Following): Motion {
  let motion: Motion = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    translate(source, out, motion, box);
    const step = leftOver(out, mean, slopes);
    motion = motion.map((by, axis) => by - (step[axis] as number)) as unknown as Motion;
    if (Math.hypot(...step) < ENOUGH_VOXELS) break;
  }
  translate(source, out, motion, box);
  return motion;
}

/** Least squares of `frame = gain mean + offset + slopes . step`, for the step. */
function leftOver(frame: Float32Array, mean: Float32Array, slopes: readonly Float32Array[]): number[] {
  const columns = [...slopes, mean];
  const rows = Array.from({ length: 5 }, () => new Float64Array(6));
  const values = new Float64Array(6);
  for (let i = 0; i < frame.length; i++) {
    for (const [c, column] of columns.entries()) values[c] = column[i] as number;
    values[4] = 1;
    values[5] = frame[i] as number;
    for (let p = 0; p < 5; p++) {
      const row = rows[p] as Float64Array;
      for (let q = 0; q < 6; q++) row[q] = (row[q] as number) + (values[p] as number) * (values[q] as number);
    }
  }
  // One slice, or nothing to see along an axis, leaves nothing to solve for there.
  for (const [p, row] of rows.entries()) row[p] = (row[p] as number) + 1e-9 * ((row[p] as number) + 1);
  const [x = 0, y = 0, z = 0, gain = 1] = eliminated(rows);
  return [x, y, z].map((by) => Math.max(-1, Math.min(1, by / (gain || 1))));
}

function eliminated(rows: readonly Float64Array[]): number[] {
  for (const [k, pivot] of rows.entries()) {
    const scale = pivot[k] as number;
    for (let c = k; c < pivot.length; c++) pivot[c] = (pivot[c] as number) / scale;
    for (const row of rows) {
      const factor = row[k] as number;
      if (row !== pivot)
        for (let c = k; c < row.length; c++) row[c] = (row[c] as number) - factor * (pivot[c] as number);
    }
  }
  return rows.map((row) => row.at(-1) as number);
}

function slopesAlong(image: Float32Array, { size }: Box, axis: 0 | 1 | 2): Float32Array {
  const stride = axis === 0 ? 1 : axis === 1 ? size[0] : size[0] * size[1];
  const slopes = new Float32Array(image.length);
  for (let i = 0; i < image.length; i++) {
    const at = Math.floor(i / stride) % size[axis];
    if (at > 0 && at < size[axis] - 1) slopes[i] = ((image[i + stride] as number) - (image[i - stride] as number)) / 2;
  }
  return slopes;
}

/** `out[p] = source[p + motion]`, by lines between voxels; edges stay as they are. */
function translate(source: Float32Array, out: Float32Array, motion: Motion, { size }: Box): void {
  let from = source;
  for (const [axis, by] of motion.entries()) {
    const target = axis === 2 ? out : new Float32Array(source.length);
    const stride = axis === 0 ? 1 : axis === 1 ? size[0] : size[0] * size[1];
    const last = (size[axis] as number) - 1;
    for (let i = 0; i < from.length; i++) {
      const at = Math.floor(i / stride) % (last + 1);
      const place = Math.min(last, Math.max(0, at + by));
      const low = Math.min(Math.floor(place), Math.max(0, last - 1));
      const share = place - low;
      const start = i + (low - at) * stride;
      target[i] = (1 - share) * (from[start] as number) + (share > 0 ? share * (from[start + stride] as number) : 0);
    }
    from = target;
  }
}

import { alignCurve, curveType, sampleAt, voxelCurve } from '@vesalius/medical';
import type { Crop } from './d4-crop.ts';

/**
 * Curves of real voxels, delayed and warped by known clocks, brought back to the curve of the voxel beside them, whose noise is
 * its own: seconds by which the arrival is off before and after, and how often the type of the curve by the reference's clock is
 * that of the curve before it was delayed.
 */
export function delaysUndone({ series, clear, arrival }: Crop, count: number): Record<string, number> {
  const { seconds } = series;
  const among = new Set(clear);
  const beside = clear.filter((voxel) => among.has(voxel + 1));
  const random = mulberry(4);
  const sums = {
    delayBefore: 0,
    delayAfter: 0,
    warpBefore: 0,
    warpAfterShift: 0,
    warpAfter: 0,
    typeBefore: 0,
    typeAfter: 0,
  };
  const options = { arrivalSeconds: arrival.seconds, baseline: arrival.baseline };
  for (let i = 0; i < count; i++) {
    const voxel = beside[Math.floor((i * beside.length) / count)] as number;
    const reference = voxelCurve(series, voxel + 1);
    const own = voxelCurve(series, voxel);
    const delay = 2 + 18 * random();
    const [sway, phase] = [3 + 5 * random(), 2 * Math.PI * random()];
    const straight = (): number => delay;
    const swaying = (time: number): number => delay + sway * (1 + Math.sin((2 * Math.PI * time) / 200 + phase));
    const delayed = onClock(own, seconds, straight);
    const warped = onClock(own, seconds, swaying);
    const shifted = alignCurve(delayed, reference, { seconds });
    const shiftedWarp = alignCurve(warped, reference, { seconds });
    const bent = alignCurve(warped, reference, { seconds, map: 'monotone' });
    const at = (times: Float64Array): number =>
      (sampleAt(times, seconds, Float64Array.of(arrival.seconds))[0] as number) - arrival.seconds;
    sums.delayBefore += delay;
    sums.delayAfter += Math.abs(at(shifted.times) - delay);
    sums.warpBefore += swaying(arrival.seconds);
    sums.warpAfterShift += Math.abs(at(shiftedWarp.times) - swaying(arrival.seconds));
    sums.warpAfter += Math.abs(at(bent.times) - swaying(arrival.seconds));
    const type = curveType(own, seconds, options);
    sums.typeBefore += Number(curveType(warped, seconds, options) === type);
    sums.typeAfter += Number(curveType(bent.curve, seconds, options) === type);
  }
  const mean = (name: keyof typeof sums): number => sums[name] / count;
  return {
    delayedCurves: count,
    arrivalErrorBeforeSeconds: mean('delayBefore'),
    arrivalErrorAfterSeconds: mean('delayAfter'),
    arrivalErrorRatio: mean('delayAfter') / mean('delayBefore'),
    warpedErrorBeforeSeconds: mean('warpBefore'),
    warpedErrorAfterShiftSeconds: mean('warpAfterShift'),
    warpedErrorAfterSeconds: mean('warpAfter'),
    warpedErrorRatio: mean('warpAfter') / mean('warpBefore'),
    sameTypeBefore: mean('typeBefore'),
    sameTypeAfter: mean('typeAfter'),
  };
}

/** The curve as seen when what happened at a time happens later by `late` of it. */
function onClock(curve: Float64Array, seconds: Float64Array, late: (time: number) => number): Float64Array {
  return sampleAt(
    curve,
    seconds.map((time) => time + late(time)),
    seconds,
  );
}

/** A small generator of numbers from 0 to 1, the same in every run. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

import type { Size } from '../sample.ts';
import { scaleAndShift, type Vector } from './matrix.ts';
import type { Padding, SpatialTransform } from './spatial-transform.ts';

/** Cuts the box of `outputSize` voxels from `start` on, which may lie outside (a pad). */
export function cutBox(
  name: string,
  inputSize: Size,
  box: { readonly start: Vector; readonly outputSize: Size; readonly padding?: Padding },
): SpatialTransform {
  const { start, outputSize, padding = { mode: 'constant', value: 0 } } = box;
  const leaves = start.some((s, axis) => s < 0 || s + (outputSize[axis] as number) > (inputSize[axis] as number));
  return {
    kind: 'spatial',
    name,
    inputSize,
    outputSize,
    matrix: scaleAndShift([1, 1, 1], start),
    interpolation: 'linear',
    ...(leaves && { padding }),
  };
}

import { elementCount, range, type TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { signedDistanceMap } from '../post-processing/signed-distance-map.ts';

/**
 * Distance in voxels from every voxel to each mask's border, what `boundaryLoss` reads: negative inside, where it starts
 * from 0; 0 throughout when a mask is empty or full.
 *
 * @param masks - `[B, C, ...S]`, inside where above 0.5
 * @returns float32 of the same shape
 * @throws SHAPE_MISMATCH unless there are 2 or 3 spatial axes
 * @source Kervadec et al. 2019
 */
export function signedDistances(masks: TensorValue): TensorValue {
  return eachMask(masks, (distance) => (distance < 0 ? distance + 1 : distance));
}

/**
 * Weights that `hausdorffDTLoss` reads: both sides' distance to their border, each to the power of alpha.
 *
 * @param probabilities - `[B, C, ...S]`, inside where above 0.5
 * @param masks - the target, of the same shape
 * @returns float32 of the same shape
 * @throws SHAPE_MISMATCH when the shapes differ or there are not 2 or 3 spatial axes
 * @source Karimi and Salcudean 2019
 */
export function hausdorffDistances(probabilities: TensorValue, masks: TensorValue, alpha = 2): TensorValue {
  const [shape, expected] = [masks.shape, probabilities.shape];
  if (shape.join() !== expected.join())
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'masks of the target', got: shape, expected });
  const far = (distance: number): number => Math.abs(distance) ** alpha;
  const [ours, theirs] = [eachMask(probabilities, far).data as Float32Array, eachMask(masks, far).data as Float32Array];
  return { shape, dtype: 'float32', data: ours.map((weight, i) => weight + (theirs[i] as number)) };
}

function eachMask({ shape, data }: TensorValue, convert: (signedDistance: number) => number): TensorValue {
  const space = shape.slice(2);
  if (space.length !== 2 && space.length !== 3) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'masks',
      got: shape,
      expected: '[B, C, H, W] or [B, C, D, H, W]',
    });
  }
  const [nx = 1, ny = 1, nz = 1] = space.toReversed();
  const count = elementCount(space);
  const distances = new Float32Array(data.length);
  for (const start of range(data.length / count).map((i) => i * count)) {
    const voxels = Uint8Array.from({ length: count }, (_, i) => (Number(data[start + i]) > 0.5 ? 1 : 0));
    const map = signedDistanceMap({ voxels, size: [nx, ny, nz], spacingMm: [1, 1, 1] });
    if (Number.isFinite(map[0])) distances.set(map.map(convert), start);
  }
  return { shape, dtype: 'float32', data: distances };
}

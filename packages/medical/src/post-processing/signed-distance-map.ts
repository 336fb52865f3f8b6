import { squaredDistances } from './distance-transform.ts';
import { assertLabelMap, type LabelMap } from './label-map.ts';

/**
 * Distance in mm to the other side of a mask's border, negative inside: what boundary losses and level sets start from.
 *
 * Distances run between voxel centres, so none is 0. All infinite when the mask is empty, all minus infinite when it is full.
 *
 * @source Kervadec et al. 2019, Boundary loss for highly unbalanced segmentation
 */
export function signedDistanceMap(mask: LabelMap): Float64Array {
  assertLabelMap(mask);
  const toInside = squaredDistances(mask, (voxel) => voxel !== 0);
  const toOutside = squaredDistances(mask, (voxel) => voxel === 0);
  return toInside.map((squared, i) => (squared === 0 ? -Math.sqrt(toOutside[i] as number) : Math.sqrt(squared)));
}

import { keepLargestConnectedComponent, labelMapOf } from '@vesalius/medical';
import { createVolume, type Volume } from '@vesalius/volume';

/** Label map with only the largest component of each of these label values, on the same grid. */
export function withLargestOnly(labels: Volume<Uint8Array>, values: readonly number[]): Volume<Uint8Array> {
  if (values.length === 0) return labels;
  const kept = keepLargestConnectedComponent(labelMapOf(labels), { appliedLabels: values });
  const { size, voxelToLps } = labels;
  return createVolume({ voxels: kept.voxels as Uint8Array, size, voxelToLps });
}

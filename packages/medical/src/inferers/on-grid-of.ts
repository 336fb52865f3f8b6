import { axisCodes, createVolume, type Grid, reorient, resample, type Volume } from '@vesalius/volume';

/** A map from the planned grid back on the axes and spacing of the scan. */
export function onGridOf<V extends Uint8Array | Float32Array>(
  scan: Volume,
  map: Volume<V>,
  resampled: (map: Volume<V>, grid: Grid) => Volume<V>,
): Volume<V> {
  const turned = reorient(scan, axisCodes(map));
  const same = turned.size.every((n, axis) => n === map.size[axis]);
  const { voxels } = same ? map : resampled(map, turned);
  const back = reorient(createVolume({ voxels, size: turned.size, voxelToLps: turned.voxelToLps }), axisCodes(scan));
  return createVolume({ voxels: back.voxels.slice() as V, size: scan.size, voxelToLps: scan.voxelToLps });
}

/** Of values between which others lie. */
export const resampleMap = (map: Volume<Float32Array>, grid: Grid) =>
  resample(map, { ...grid, interpolation: 'linear' }) as Volume<Float32Array>;

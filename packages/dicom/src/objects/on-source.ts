import { VesaliusError } from '@vesalius/errors';
import { axisCodes, reorient, type Volume, type VoxelArray } from '@vesalius/volume';
import { type Plane, planeGrid } from './planes.ts';

/**
 * A volume with its axes in the order of the source's frames; over a picture without a place in the patient, on its pixels.
 *
 * @throws INVALID_ARGUMENT without source, DATA_MISMATCH when a picture is not the only source, or of another size
 */
export function onSource<V extends VoxelArray>(volume: Volume<V>, planes: readonly Plane[]): Volume<V> {
  const grid = planeGrid(planes);
  const picture = planes.find(({ placed }) => !placed);
  if (picture === undefined) return reorient(volume, axisCodes(grid));
  if (planes.length > 1)
    throw new VesaliusError('DATA_MISMATCH', { what: 'frames without a place', got: planes.length, expected: 1 });
  const expected = [picture.columns, picture.rows, 1];
  if (!volume.size.every((n, axis) => n === expected[axis]))
    throw new VesaliusError('DATA_MISMATCH', { what: 'size of what lies on the picture', got: volume.size, expected });
  return { ...volume, voxelToLps: grid.voxelToLps };
}

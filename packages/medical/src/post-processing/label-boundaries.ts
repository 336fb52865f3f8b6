import { assertLabelMap, type LabelMap } from './label-map.ts';

/**
 * Keeps each label only where it meets another label or background over a face: outlines to draw over an image.
 *
 * The image's own border is no boundary.
 *
 * @parity skimage.segmentation.find_boundaries(mode='inner', connectivity=1)
 */
export function labelBoundaries<M extends LabelMap>(map: M): M {
  assertLabelMap(map);
  const { voxels, size } = map;
  const [nx, ny, nz] = size;
  const outlines = voxels.slice();
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, i++) {
        const label = voxels[i];
        const within =
          (x === 0 || voxels[i - 1] === label) &&
          (x === nx - 1 || voxels[i + 1] === label) &&
          (y === 0 || voxels[i - nx] === label) &&
          (y === ny - 1 || voxels[i + nx] === label) &&
          (z === 0 || voxels[i - nx * ny] === label) &&
          (z === nz - 1 || voxels[i + nx * ny] === label);
        if (within) outlines[i] = 0;
      }
    }
  }
  return { ...map, voxels: outlines };
}

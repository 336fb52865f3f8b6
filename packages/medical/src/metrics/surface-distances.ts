import type { Triple } from '@vesalius/volume';
import { squaredDistances } from '../post-processing/distance-transform.ts';
import type { LabelMap } from '../post-processing/label-map.ts';

/** Distances in mm, one for every voxel on a surface, to the nearest voxel on the other's; in no particular order. */
export interface SurfaceDistances {
  readonly predictionToTruth: Float64Array;
  readonly truthToPrediction: Float64Array;
}

/**
 * Distances between the surfaces of one class in two label maps of one grid.
 *
 * A surface is every voxel of the class with a face neighbour that is not, or that lies outside of the image. When just one
 * map has the class, both lists hold an infinity for every voxel of its surface, as MONAI has it; when none has, both are empty.
 */
export function surfaceDistances(prediction: LabelMap, truth: LabelMap, label: number): SurfaceDistances {
  const box = boxAround(prediction, truth, label);
  const predicted = surfaceWithin(prediction, label, box);
  const true_ = surfaceWithin(truth, label, box);
  if (predicted.count === 0 || true_.count === 0) {
    const infinite = new Float64Array(predicted.count + true_.count).fill(Infinity);
    return { predictionToTruth: infinite, truthToPrediction: infinite };
  }
  return {
    predictionToTruth: distancesBetween(predicted, true_),
    truthToPrediction: distancesBetween(true_, predicted),
  };
}

interface Box {
  readonly from: Triple;
  readonly size: Triple;
}

interface Surface {
  readonly mask: LabelMap<Uint8Array>;
  readonly count: number;
}

/** The smallest box that holds the class in both maps: no voxel outside of it is on a surface or makes one. */
function boxAround(prediction: LabelMap, truth: LabelMap, label: number): Box {
  const [nx, ny, nz] = truth.size;
  const low: [number, number, number] = [nx, ny, nz];
  const high: [number, number, number] = [-1, -1, -1];
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, i++) {
        if (prediction.voxels[i] !== label && truth.voxels[i] !== label) continue;
        if (x < low[0]) low[0] = x;
        if (x > high[0]) high[0] = x;
        if (y < low[1]) low[1] = y;
        if (y > high[1]) high[1] = y;
        if (z < low[2]) low[2] = z;
        high[2] = z;
      }
    }
  }
  const extent = (axis: 0 | 1 | 2): number => Math.max(0, high[axis] - low[axis] + 1);
  return { from: low, size: [extent(0), extent(1), extent(2)] };
}

function surfaceWithin(map: LabelMap, label: number, box: Box): Surface {
  const inside = crop(map, label, box);
  const [nx, ny, nz] = box.size;
  const isFlat = map.size[2] === 1;
  const surface = new Uint8Array(inside.length);
  let count = 0;
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, i++) {
        if (inside[i] === 0) continue;
        const isWithin =
          x > 0 &&
          inside[i - 1] === 1 &&
          x < nx - 1 &&
          inside[i + 1] === 1 &&
          y > 0 &&
          inside[i - nx] === 1 &&
          y < ny - 1 &&
          inside[i + nx] === 1 &&
          (isFlat || (z > 0 && inside[i - nx * ny] === 1 && z < nz - 1 && inside[i + nx * ny] === 1));
        if (isWithin) continue;
        surface[i] = 1;
        count++;
      }
    }
  }
  return { mask: { voxels: surface, size: box.size, spacingMm: map.spacingMm }, count };
}

function crop({ voxels, size }: LabelMap, label: number, box: Box): Uint8Array {
  const [nx, ny, nz] = box.size;
  const [x0, y0, z0] = box.from;
  const inside = new Uint8Array(nx * ny * nz);
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      const row = x0 + size[0] * (y0 + y + size[1] * (z0 + z));
      for (let x = 0; x < nx; x++, i++) if (voxels[row + x] === label) inside[i] = 1;
    }
  }
  return inside;
}

function distancesBetween(from: Surface, to: Surface): Float64Array {
  const squared = squaredDistances(to.mask, (voxel) => voxel !== 0);
  const distances = new Float64Array(from.count);
  for (let i = 0, k = 0; i < squared.length; i++) {
    if (from.mask.voxels[i] !== 0) distances[k++] = Math.sqrt(squared[i] as number);
  }
  return distances;
}

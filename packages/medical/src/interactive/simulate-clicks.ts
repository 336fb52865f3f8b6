import type { Triple } from '@vesalius/volume';
import { type Components, connectedComponents } from '../post-processing/connected-components.ts';
import { distanceTransform } from '../post-processing/distance-transform.ts';
import type { LabelMap } from '../post-processing/label-map.ts';
import type { ClassClick } from './guidance.ts';

/**
 * The clicks a person would make next: one in each of the largest errors, the largest first, at its most interior voxel and of the
 * voxel's true class. An error is a set of wrong voxels of one true class that touch by faces; of equally interior voxels the one
 * nearest to its centre of mass is taken.
 *
 * @param prediction - class numbers
 * @param truth - class numbers, on the same grid
 * @returns at most `count`; none where nothing is wrong
 */
export function simulateClicks(prediction: ArrayLike<number>, truth: LabelMap, count = 1): ClassClick[] {
  const wrong = Int32Array.from(truth.voxels, (value, i) => (value === prediction[i] ? 0 : value + 1));
  const errors = connectedComponents({ ...truth, voxels: wrong }, 1);
  const numbers = Array.from({ length: errors.count }, (_, i) => i + 1);
  const largest = numbers.toSorted((a, b) => (errors.sizes[b] as number) - (errors.sizes[a] as number)).slice(0, count);
  return largest.map((number) => ({
    voxel: innermost(errors, number, truth),
    classNumber: (errors.labels[number] as number) - 1,
  }));
}

function innermost({ components }: Components, number: number, { size, spacingMm }: LabelMap): Triple {
  const [low, high] = boxOf(components, number, size);
  const inner = high.map((n, axis) => n - (low[axis] as number) + 3) as unknown as Triple;
  const [nx, ny, nz] = inner;
  // A layer of zeros about the box, so that the edge of the image bounds an error too; none along an axis of a flat image.
  const mask = new Uint8Array(nx * ny * nz);
  const members: Triple[] = [];
  for (let z = low[2]; z <= high[2]; z++)
    for (let y = low[1]; y <= high[1]; y++)
      for (let x = low[0]; x <= high[0]; x++) {
        if (components[x + size[0] * (y + size[1] * z)] !== number) continue;
        mask[x - low[0] + 1 + nx * (y - low[1] + 1 + ny * (z - low[2] + 1))] = 1;
        members.push([x, y, z]);
      }
  const flat = size[2] === 1;
  const depths = distanceTransform(
    flat
      ? { voxels: mask.subarray(nx * ny, 2 * nx * ny), size: [nx, ny, 1], spacingMm }
      : { voxels: mask, size: inner, spacingMm },
  );
  const depthAt = ([x, y, z]: Triple): number =>
    depths[x - low[0] + 1 + nx * (y - low[1] + 1 + (flat ? 0 : ny * (z - low[2] + 1)))] as number;
  const deepest = members.reduce((most, voxel) => Math.max(most, depthAt(voxel)), 0);
  return nearestToCentre(
    members.filter((voxel) => depthAt(voxel) === deepest),
    centreOf(members),
  );
}

function boxOf(components: Int32Array, number: number, [nx, ny]: Triple): readonly [Triple, Triple] {
  const low = [Infinity, Infinity, Infinity];
  const high = [0, 0, 0];
  for (let i = 0; i < components.length; i++) {
    if (components[i] !== number) continue;
    for (const [axis, at] of [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))].entries()) {
      low[axis] = Math.min(low[axis] as number, at);
      high[axis] = Math.max(high[axis] as number, at);
    }
  }
  return [low, high] as unknown as readonly [Triple, Triple];
}

function centreOf(voxels: readonly Triple[]): Triple {
  const sum = [0, 1, 2].map((axis) => voxels.reduce((all, voxel) => all + (voxel[axis] as number), 0));
  return sum.map((n) => n / voxels.length) as unknown as Triple;
}

function nearestToCentre(voxels: readonly Triple[], centre: Triple): Triple {
  const distance = (voxel: Triple): number =>
    voxel.reduce((sum, at, axis) => sum + (at - (centre[axis] as number)) ** 2, 0);
  return voxels.reduce((best, voxel) => (distance(voxel) < distance(best) ? voxel : best));
}

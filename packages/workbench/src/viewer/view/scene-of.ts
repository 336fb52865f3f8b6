import { applyAffine, type Triple } from '@vesalius/volume';
import type { Scene } from '../measure/take-measure.ts';
import { pixelMmOf } from '../study/pixel-mm.ts';
import type { ViewModel } from './view-model.ts';

/** What measurements of the series are taken on. */
export function sceneOf(model: ViewModel): Scene {
  const valueAt = (voxel: Triple) => model.valueAt(voxel);
  const { grid, slices } = model.series;
  if (grid) return { valueAt, toMm: (voxel) => applyAffine(grid.voxelToLps, voxel) as Triple };
  const pixelMm = slices[0] && pixelMmOf(slices[0].dataSet);
  if (!pixelMm) return { valueAt };
  return { valueAt, toMm: ([x, y]) => [x * pixelMm[0], y * pixelMm[1], 0] };
}

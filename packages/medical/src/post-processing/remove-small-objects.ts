import { type Connectivity, connectedComponents } from './connected-components.ts';
import { type LabelArray, type LabelMap, maskOf } from './label-map.ts';

export interface RemoveSmallObjectsOptions {
  /** Components with fewer voxels go. Default: 64. */
  readonly minSize?: number;
  /** Default: 1, faces only. */
  readonly connectivity?: Connectivity;
  /** Components of each label on its own (default), or of all labels together. */
  readonly independentChannels?: boolean;
  /** `minSize` is in mm3 (mm2 times the slice's thickness in 2-D) instead of voxels. */
  readonly byMeasure?: boolean;
}

/**
 * Sets components smaller than a size to 0.
 *
 * @parity monai.transforms.RemoveSmallObjects(min_size, connectivity, independent_channels, by_measure)
 */
export function removeSmallObjects<L extends LabelArray>(
  map: LabelMap<L>,
  options: RemoveSmallObjectsOptions = {},
): LabelMap<L> {
  const { minSize = 64, connectivity = 1, independentChannels = true, byMeasure = false } = options;
  const { components, sizes } = connectedComponents(independentChannels ? map : maskOf(map), connectivity);
  const [sx, sy, sz] = map.spacingMm;
  const minVoxels = byMeasure ? minSize / (sx * sy * sz) : minSize;
  const voxels = map.voxels.slice() as L;
  for (let i = 0; i < voxels.length; i++) if ((sizes[components[i] as number] as number) < minVoxels) voxels[i] = 0;
  return { ...map, voxels };
}

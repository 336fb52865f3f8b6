import { type Connectivity, connectedComponents } from './connected-components.ts';
import { type LabelArray, type LabelMap, maskOf } from './label-map.ts';

export interface KeepLargestOptions {
  /** Labels to clean; others stay as they are. Default: all but 0. */
  readonly appliedLabels?: readonly number[];
  /** Components of each label on its own (default), or of all applied labels together. */
  readonly independent?: boolean;
  /** Default: full, 26 neighbours in 3-D and 8 in 2-D. */
  readonly connectivity?: Connectivity;
  /** How many components to keep (of each label when independent). Default: 1. */
  readonly numComponents?: number;
}

/**
 * Sets every component to 0 but the largest: drops islands that a network made far from the organ.
 *
 * Of components with equally many voxels the one met first in the raster, x fastest, counts as larger.
 *
 * @parity monai.transforms.KeepLargestConnectedComponent(applied_labels, independent, connectivity, num_components)
 */
export function keepLargestConnectedComponent<L extends LabelArray>(
  map: LabelMap<L>,
  options: KeepLargestOptions = {},
): LabelMap<L> {
  const { appliedLabels, independent = true, connectivity, numComponents = 1 } = options;
  const chosen = appliedLabels && new Set(appliedLabels);
  const isApplied = (label: number): boolean => label !== 0 && (chosen?.has(label) ?? true);
  const { components, sizes, labels } = connectedComponents(independent ? map : union(map, isApplied), connectivity);
  const kept = largest(sizes, labels, numComponents);
  const voxels = map.voxels.slice() as L;
  for (let i = 0; i < voxels.length; i++) {
    if (isApplied(voxels[i] as number) && !kept[components[i] as number]) voxels[i] = 0;
  }
  return { ...map, voxels };
}

function union(map: LabelMap, isApplied: (label: number) => boolean): LabelMap {
  const mask = maskOf(map);
  for (let i = 0; i < mask.voxels.length; i++) mask.voxels[i] = isApplied(map.voxels[i] as number) ? 1 : 0;
  return mask;
}

function largest(sizes: Uint32Array, labels: Int32Array, perLabel: number): Uint8Array {
  const bySize = Array.from(sizes.keys()).slice(1);
  bySize.sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || a - b);
  const kept = new Uint8Array(sizes.length);
  const taken = new Map<number, number>();
  for (const component of bySize) {
    const label = labels[component] as number;
    const before = taken.get(label) ?? 0;
    if (before < perLabel) kept[component] = 1;
    taken.set(label, before + 1);
  }
  return kept;
}

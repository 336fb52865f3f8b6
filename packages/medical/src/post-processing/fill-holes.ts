import { type Connectivity, connectedComponents } from './connected-components.ts';
import { assertLabelMap, type LabelArray, type LabelMap, maskOf } from './label-map.ts';

export interface FillHolesOptions {
  /** Labels whose holes are filled, in this order. Default: all but 0, ascending. */
  readonly appliedLabels?: readonly number[];
  /** How the outside leaks in; 1 closes corners. Default: full, 26 neighbours in 3-D and 8 in 2-D. */
  readonly connectivity?: Connectivity;
}

/**
 * Gives a label everything that it encloses, other labels too: what cannot be reached from the image's border without
 * crossing the label.
 *
 * @parity monai.transforms.FillHoles(applied_labels, connectivity)
 */
export function fillHoles<L extends LabelArray>(map: LabelMap<L>, options: FillHolesOptions = {}): LabelMap<L> {
  assertLabelMap(map);
  const filled = { ...map, voxels: map.voxels.slice() as L };
  for (const label of options.appliedLabels ?? labelsOf(map))
    if (label !== 0) fillLabel(filled, label, options.connectivity);
  return filled;
}

function labelsOf({ voxels }: LabelMap): number[] {
  const labels = new Set<number>();
  for (let i = 0; i < voxels.length; i++) labels.add(voxels[i] as number);
  return [...labels].sort((a, b) => a - b);
}

function fillLabel(map: LabelMap, label: number, connectivity: Connectivity | undefined): void {
  const around = maskOf(map, label);
  for (let i = 0; i < around.voxels.length; i++) around.voxels[i] = around.voxels[i] === 0 ? 1 : 0;
  const { components, count } = connectedComponents(around, connectivity);
  const open = new Uint8Array(count + 1);
  open[0] = 1;
  forEachBorderVoxel(map, (i) => {
    open[components[i] as number] = 1;
  });
  for (let i = 0; i < components.length; i++) if (!open[components[i] as number]) map.voxels[i] = label;
}

function forEachBorderVoxel({ size }: LabelMap, visit: (index: number) => void): void {
  const [nx, ny, nz] = size;
  for (let z = 0, i = 0; z < nz; z++) {
    const wholeSlice = nz > 1 && (z === 0 || z === nz - 1);
    for (let y = 0; y < ny; y++, i += nx) {
      const step = wholeSlice || y === 0 || y === ny - 1 ? 1 : Math.max(1, nx - 1);
      for (let x = 0; x < nx; x += step) visit(i + x);
    }
  }
}

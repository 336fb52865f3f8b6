import { VesaliusError } from '@vesalius/errors';
import { assertLabelMap, type LabelMap } from './label-map.ts';

/**
 * How many axes two neighbours may differ along, as MONAI and scikit-image count:
 * 1 is 4 neighbours in 2-D and 6 in 3-D, 2 is 8 and 18, 3 is 26.
 */
export type Connectivity = 1 | 2 | 3;

export interface Components {
  /** 0 is background; components count from 1 in the order in which the raster meets them, x fastest. */
  readonly components: Int32Array;
  readonly count: number;
  /** Voxels of component k at index k; background at 0. */
  readonly sizes: Uint32Array;
  /** The label that component k had. */
  readonly labels: Int32Array;
}

/**
 * Numbers the connected components of a label map; voxels of different labels are never in one component.
 *
 * @param connectivity - default: 3, or 2 in 2-D, where 3 means the same
 * @source He, Chao and Suzuki 2008, A run-based two-scan labeling algorithm
 * @parity skimage.measure.label(connectivity=connectivity)
 */
export function connectedComponents(map: LabelMap, connectivity: Connectivity = 3): Components {
  assertLabelMap(map);
  if (![1, 2, 3].includes(connectivity)) {
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'connectivity', got: connectivity, expected: '1, 2 or 3' });
  }
  const runs = findRuns(map);
  joinRuns(map, runs, connectivity);
  return paint(map, runs);
}

/** Stretches of one label along x. */
interface Runs {
  readonly count: number;
  readonly start: Int32Array;
  /** One past the last voxel. */
  readonly end: Int32Array;
  readonly label: Int32Array;
  /** The first run of each row, and the total at the end. */
  readonly firstOfRow: Int32Array;
  /** Of each run, an earlier run of its component, or itself. */
  readonly parent: Int32Array;
}

function findRuns({ voxels, size }: LabelMap): Runs {
  const nx = size[0];
  const rows = size[1] * size[2];
  const count = countRuns(voxels, nx);
  const [start, end, label] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  const firstOfRow = new Int32Array(rows + 1);
  let run = 0;
  for (let row = 0; row < rows; row++) {
    firstOfRow[row] = run;
    for (let i = row * nx; i < (row + 1) * nx; ) {
      const value = voxels[i] as number;
      const from = i++;
      while (i < (row + 1) * nx && voxels[i] === value) i++;
      if (value === 0) continue;
      start[run] = from;
      end[run] = i;
      label[run++] = value;
    }
  }
  firstOfRow[rows] = count;
  return { count, start, end, label, firstOfRow, parent: Int32Array.from({ length: count }, (_, k) => k) };
}

function countRuns(voxels: ArrayLike<number>, nx: number): number {
  let count = 0;
  for (let row = 0; row < voxels.length; row += nx) {
    let previous = 0;
    for (let i = row; i < row + nx; i++) {
      const value = voxels[i] as number;
      if (value !== 0 && value !== previous) count++;
      previous = value;
    }
  }
  return count;
}

/** Rows before a row that may touch it, as steps along y and z. */
const EARLIER_ROWS = [
  [-1, 0],
  [0, -1],
  [-1, -1],
  [1, -1],
] as const;

function joinRuns({ size }: LabelMap, runs: Runs, connectivity: Connectivity): void {
  const [nx, ny, nz] = size;
  for (const [dy, dz] of EARLIER_ROWS) {
    const hops = Math.abs(dy) + Math.abs(dz);
    if (hops > connectivity) continue;
    // Neighbours may also differ along x when a hop is left.
    const reach = hops < connectivity ? 1 : 0;
    for (let z = Math.max(0, -dz); z < nz; z++) {
      for (let y = Math.max(0, -dy); y < Math.min(ny, ny - dy); y++) {
        const row = y + ny * z;
        const step = dy + ny * dz;
        joinRows(runs, { row, other: row + step, shift: -step * nx, reach });
      }
    }
  }
}

interface RowPair {
  readonly row: number;
  readonly other: number;
  /** Added to a voxel's index in the other row, gives the one beside it in this row. */
  readonly shift: number;
  readonly reach: number;
}

function joinRows({ start, end, label, firstOfRow, parent }: Runs, { row, other, shift, reach }: RowPair): void {
  let a = firstOfRow[row] as number;
  let b = firstOfRow[other] as number;
  const lastA = firstOfRow[row + 1] as number;
  const lastB = firstOfRow[other + 1] as number;
  while (a < lastA && b < lastB) {
    const [startA, endA] = [start[a] as number, end[a] as number];
    const [startB, endB] = [(start[b] as number) + shift, (end[b] as number) + shift];
    if (startA < endB + reach && startB < endA + reach && label[a] === label[b]) unite(parent, a, b);
    if (endA < endB) a++;
    else if (endB < endA) b++;
    else {
      // Runs that end together: each may still touch the other's successor across a corner.
      if (reach && a + 1 < lastA && start[a + 1] === endA && label[a + 1] === label[b]) unite(parent, a + 1, b);
      if (reach && b + 1 < lastB && (start[b + 1] as number) + shift === endB && label[b + 1] === label[a])
        unite(parent, a, b + 1);
      a++;
      b++;
    }
  }
}

/** The earliest run becomes the root, so that components are met in raster order. */
function unite(parent: Int32Array, a: number, b: number): void {
  const [rootA, rootB] = [rootOf(parent, a), rootOf(parent, b)];
  if (rootA < rootB) parent[rootB] = rootA;
  else parent[rootA] = rootB;
}

function rootOf(parent: Int32Array, run: number): number {
  let at = run;
  while (parent[at] !== at) {
    const above = parent[parent[at] as number] as number;
    parent[at] = above;
    at = above;
  }
  return at;
}

function paint({ voxels }: LabelMap, { count, start, end, label, parent }: Runs): Components {
  const components = new Int32Array(voxels.length);
  const numberOf = new Int32Array(count);
  const sizes = [voxels.length];
  const labels = [0];
  for (let run = 0; run < count; run++) {
    const root = rootOf(parent, run);
    if (root === run) {
      numberOf[run] = sizes.push(0) - 1;
      labels.push(label[run] as number);
    }
    const number = numberOf[root] as number;
    const length = (end[run] as number) - (start[run] as number);
    sizes[number] = (sizes[number] as number) + length;
    sizes[0] = (sizes[0] as number) - length;
    components.fill(number, start[run], end[run]);
  }
  return { components, count: sizes.length - 1, sizes: Uint32Array.from(sizes), labels: Int32Array.from(labels) };
}

import { type Grid, spacingMm, type Triple } from '@vesalius/volume';
import type { PlaneName } from '../viewport-contract.ts';

type Axis = 0 | 1 | 2;

/** How a plane of voxels lies on the screen, as radiology shows it: left of the patient to the right, head up, face up. */
export interface PlaneLayout {
  readonly plane: PlaneName;
  /** The voxel axis across the plane. */
  readonly axis: Axis;
  /** The voxel axes to the right and downwards, and whether voxels fall along them. */
  readonly right: Axis;
  readonly down: Axis;
  readonly flipRight: boolean;
  readonly flipDown: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly slices: number;
  /** Of a pixel to the right and downwards. */
  readonly pixelMm: readonly [right: number, down: number];
  /** At the left, right, top and bottom; empty for a picture. */
  readonly letters: readonly [left: string, right: string, top: string, bottom: string];
}

const PERMUTATIONS: readonly (readonly [Axis, Axis, Axis])[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/** The patient's axes (of LPS) to the right and downwards in each plane. */
const SCREENS: Readonly<Record<PlaneName, { across: Axis; right: Axis; down: Axis; downSign: 1 | -1 }>> = {
  sagittal: { across: 0, right: 1, down: 2, downSign: -1 },
  coronal: { across: 1, right: 0, down: 2, downSign: -1 },
  axial: { across: 2, right: 0, down: 1, downSign: 1 },
};

/** The layout of a plane over a grid, by the voxel axes nearest to those of the patient. */
export function planeLayout(grid: Grid, plane: PlaneName): PlaneLayout {
  const { across, right: rightOfPatient, down: downOfPatient, downSign } = SCREENS[plane];
  const axes = axesOfPatient(grid);
  const [axis, right, down] = [axes[across], axes[rightOfPatient], axes[downOfPatient]];
  const spacing = spacingMm(grid);
  const flipRight = component(grid, right, rightOfPatient) < 0;
  const flipDown = component(grid, down, downOfPatient) * downSign < 0;
  return {
    plane,
    axis,
    right,
    down,
    flipRight,
    flipDown,
    columns: grid.size[right],
    rows: grid.size[down],
    slices: grid.size[axis],
    pixelMm: [spacing[right], spacing[down]],
    letters: [
      ...ends(directionOf(grid, right, flipRight)),
      ...ends(directionOf(grid, down, flipDown)),
    ] as unknown as PlaneLayout['letters'],
  };
}

/** Of slices that are no volume: as they are stored. */
export function pictureLayout(
  columns: number,
  rows: number,
  slices: number,
  pixelMm: readonly [number, number],
): PlaneLayout {
  const stored = { plane: 'axial', axis: 2, right: 0, down: 1, flipRight: false, flipDown: false } as const;
  return { ...stored, columns, rows, slices, pixelMm, letters: ['', '', '', ''] };
}

/** The plane in which the slices of a grid were taken. */
export function acquisitionPlane(grid: Grid): PlaneName {
  const across = axesOfPatient(grid).indexOf(2);
  return (['sagittal', 'coronal', 'axial'] as const)[across] ?? 'axial';
}

/** From a pixel of the plane, whose integers are centres, to a voxel. */
export function pixelToVoxel(layout: PlaneLayout, [column, row]: readonly [number, number], slice: number): Triple {
  const voxel: [number, number, number] = [0, 0, 0];
  voxel[layout.right] = layout.flipRight ? layout.columns - 1 - column : column;
  voxel[layout.down] = layout.flipDown ? layout.rows - 1 - row : row;
  voxel[layout.axis] = slice;
  return voxel;
}

export function voxelToPixel(layout: PlaneLayout, voxel: Triple): [column: number, row: number] {
  const [right, down] = [voxel[layout.right], voxel[layout.down]];
  return [layout.flipRight ? layout.columns - 1 - right : right, layout.flipDown ? layout.rows - 1 - down : down];
}

/** For each axis of the patient the voxel axis nearest to it, each used once. */
function axesOfPatient(grid: Grid): readonly [Axis, Axis, Axis] {
  const spacing = spacingMm(grid);
  const fit = (axes: readonly [Axis, Axis, Axis]) =>
    axes.reduce<number>((sum, axis, patient) => sum + Math.abs(component(grid, axis, patient)) / spacing[axis], 0);
  return PERMUTATIONS.reduce((best, axes) => (fit(axes) > fit(best) ? axes : best));
}

function component({ voxelToLps }: Grid, axis: number, patient: number): number {
  return voxelToLps.matrix[patient * 4 + axis] as number;
}

function directionOf(grid: Grid, axis: Axis, flip: boolean): Triple {
  const sign = flip ? -1 : 1;
  return [0, 1, 2].map((patient) => sign * component(grid, axis, patient)) as unknown as Triple;
}

/** The letters at both ends of a direction, the strongest first, of what is more than a fifth of it. */
function ends(direction: Triple): [string, string] {
  const length = Math.hypot(...direction);
  const parts = direction
    .map((value, patient) => ({ share: value / length, patient }))
    .filter(({ share }) => Math.abs(share) > 0.2)
    .sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
  const word = (sign: 1 | -1) =>
    parts.map(({ share, patient }) => (share * sign > 0 ? 'LPH' : 'RAF').charAt(patient)).join('');
  return [word(-1), word(1)];
}

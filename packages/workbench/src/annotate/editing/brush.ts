import type { Grid, Triple } from '@vesalius/volume';

interface Brush {
  /** Voxel coordinates; may lie outside. */
  readonly centre: Triple;
  readonly radiusMm: number;
  /** Stays in the slice across this axis; a ball without it. */
  readonly axis?: 0 | 1 | 2;
}

/** The millimetres from one voxel to the next along x, y, z. */
export function spacingOf({ voxelToLps: { matrix } }: Grid): Triple {
  const length = (column: number) => Math.hypot(...[0, 4, 8].map((row) => matrix[row + column] ?? 0));
  return [length(0), length(1), length(2)];
}

/** The voxels whose centres a round brush covers, the nearest one always. */
export function* brushVoxels(grid: Grid, { centre, radiusMm, axis }: Brush): Generator<number> {
  const { size } = grid;
  const spacing = spacingOf(grid);
  const reach = (a: number): [number, number] => {
    const middle = Math.round(centre[a] as number);
    const steps = a === axis ? 0 : Math.ceil(radiusMm / (spacing[a] as number));
    return [Math.max(0, middle - steps), Math.min((size[a] as number) - 1, middle + steps)];
  };
  const [[x0, x1], [y0, y1], [z0, z1]] = [reach(0), reach(1), reach(2)];
  const [nearX, nearY, nearZ] = centre.map(Math.round) as unknown as Triple;
  const away = (a: number, v: number) => (a === axis ? 0 : (v - (centre[a] as number)) * (spacing[a] as number));
  for (let z = z0; z <= z1; z++)
    for (let y = y0; y <= y1; y++) {
      const acrossSquared = away(2, z) ** 2 + away(1, y) ** 2;
      for (let x = x0; x <= x1; x++) {
        const isNearest = x === nearX && y === nearY && z === nearZ;
        if (isNearest || acrossSquared + away(0, x) ** 2 <= radiusMm ** 2) yield x + size[0] * (y + size[1] * z);
      }
    }
}

/** Places from one to the next that lie close enough for a brush to leave no gap. */
export function* between(from: Triple, to: Triple, stepVoxels: number): Generator<Triple> {
  const steps = Math.max(1, Math.ceil(Math.hypot(...to.map((v, a) => v - (from[a] as number))) / stepVoxels));
  for (let k = 1; k <= steps; k++)
    yield to.map((v, a) => (from[a] as number) + ((v - (from[a] as number)) * k) / steps) as unknown as Triple;
}

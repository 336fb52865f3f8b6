import { type Grid, spacingMm, type Triple } from '@vesalius/volume';
import type { Run } from './label-history.ts';
import type { Axis } from './region.ts';

interface Brush {
  /** Voxel coordinates; may lie outside. */
  readonly centre: Triple;
  readonly radiusMm: number;
  /** Stays in the slice across this axis; a ball without it. */
  readonly axis?: Axis;
}

/** The voxels whose centres a round brush covers, the nearest one always, row by row. */
export function* brushRuns(grid: Grid, { centre, radiusMm, axis }: Brush): Generator<Run> {
  const { size } = grid;
  const spacing = spacingMm(grid);
  const near = centre.map(Math.round) as unknown as Triple;
  const reach = (a: 0 | 1 | 2): [number, number] => {
    const steps = a === axis ? 0 : Math.ceil(radiusMm / spacing[a]);
    return [Math.max(0, near[a] - steps), Math.min(size[a] - 1, near[a] + steps)];
  };
  const [[x0, x1], [y0, y1], [z0, z1]] = [reach(0), reach(1), reach(2)];
  const away = (a: 0 | 1 | 2, v: number) => (a === axis ? 0 : (v - centre[a]) * spacing[a]);
  for (let z = z0; z <= z1; z++)
    for (let y = y0; y <= y1; y++) {
      const isNearest = y === near[1] && z === near[2] && near[0] >= x0 && near[0] <= x1;
      const left = radiusMm ** 2 - away(2, z) ** 2 - away(1, y) ** 2;
      const half = left < 0 ? -1 : Math.sqrt(left) / spacing[0];
      let [from, to] = axis === 0 && half >= 0 ? [x0, x1] : [Math.ceil(centre[0] - half), Math.floor(centre[0] + half)];
      [from, to] = [Math.max(from, x0), Math.min(to, x1)];
      if (isNearest && from > to) [from, to] = [near[0], near[0]];
      const row = size[0] * (y + size[1] * z);
      if (from <= to) yield [row + from, row + to + 1];
    }
}

/** Places from one to the next that lie close enough for a brush to leave no gap. */
export function* between(from: Triple, to: Triple, stepVoxels: number): Generator<Triple> {
  const steps = Math.max(1, Math.ceil(Math.hypot(...to.map((v, a) => v - (from[a] as number))) / stepVoxels));
  for (let k = 1; k <= steps; k++)
    yield to.map((v, a) => (from[a] as number) + ((v - (from[a] as number)) * k) / steps) as unknown as Triple;
}

import type { Triple } from '@vesalius/volume';
import type { Axis, Box } from '../editing/region.ts';
import type { Click } from './tool.ts';

interface BoxPrompt {
  /** Across the slice that the box is drawn on. */
  readonly axis: Axis;
  readonly value: number;
  readonly size: Triple;
}

/** What a box says in clicks: its middle is the class, just outside the middle of each side is background. */
export function clicksOfBox({ from, size: of }: Box, { axis, value, size }: BoxPrompt): Click[] {
  const middle = from.map((v, a) => v + Math.floor((of[a] as number) / 2));
  const sides = ([0, 1, 2] as const).filter((side) => side !== axis);
  const outside = sides.flatMap((side) => [
    middle.with(side, from[side] - 1),
    middle.with(side, from[side] + of[side]),
  ]);
  return [
    { voxel: middle as unknown as Triple, value },
    ...outside
      .filter((place) => place.every((v, a) => v >= 0 && v < (size[a] as number)))
      .map((place) => ({ voxel: place as unknown as Triple, value: 0 })),
  ];
}

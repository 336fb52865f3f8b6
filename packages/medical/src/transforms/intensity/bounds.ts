import type { Random } from '@vesalius/engine';

/** The two ends of a range, or one number b for -b to b. */
export type Bounds = number | readonly [number, number];

export function drawBetween(random: Random, bounds: Bounds): number {
  return typeof bounds === 'number' ? random.uniform(-bounds, bounds) : random.uniform(...bounds);
}

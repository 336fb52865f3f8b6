import type { Triple } from '@vesalius/volume';

/** A nodule, as a reader marked it. */
export interface Finding {
  /** Patient coordinates: to the left, to the back, upwards. */
  readonly centreMm: Triple;
  readonly diameterMm: number;
}

/** A place that a detector takes for one. */
export interface Candidate extends Finding {
  /** 0 to 1. */
  readonly score: number;
}

/** Millimetres. */
export function distance(a: Triple, b: Triple): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

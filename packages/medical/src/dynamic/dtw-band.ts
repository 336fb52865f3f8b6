import { VesaliusError } from '@vesalius/errors';

/** Samples of one curve, at equal distances. */
export type Curve = Float64Array | Float32Array;

/** Columns of one row that a Sakoe-Chiba band leaves open; curves of different lengths widen it by their difference. */
export interface DtwBand {
  first(row: number): number;
  last(row: number): number;
}

/**
 * @param radius - samples to either side of the diagonal; everything without it
 * @throws INVALID_ARGUMENT for an empty curve or a negative radius
 * @source Sakoe and Chiba 1978
 */
export function dtwBand(rows: number, columns: number, radius = Number.POSITIVE_INFINITY): DtwBand {
  assertCurves(rows, columns, radius);
  const below = Math.max(0, rows - columns) + radius;
  const above = Math.max(0, columns - rows) + radius;
  return {
    first: (row) => Math.max(0, row - below),
    last: (row) => Math.min(columns - 1, row + above),
  };
}

export function assertCurves(rows: number, columns: number, radius: number): void {
  if (rows > 0 && columns > 0 && radius >= 0) return;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: 'lengths of two curves and radius of the band',
    got: [rows, columns, radius],
    expected: 'samples in both, a radius from 0',
  });
}

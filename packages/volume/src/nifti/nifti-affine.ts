import { VesaliusError } from '@vesalius/errors';
import { type Affine, composeAffine, createAffine, determinantOf, LPS_TO_RAS, RAS_TO_LPS } from '../affine.ts';
import type { Triple } from '../volume.ts';

/** The fields of a header that say where the voxels lie, in the file's own unit. */
export interface NiftiPlacement {
  readonly pixdim: readonly number[];
  readonly qformCode: number;
  readonly sformCode: number;
  readonly quatern: readonly number[];
  readonly qoffset: readonly number[];
  readonly srow: readonly number[];
}

/**
 * The affine by the standard's three methods: sform where its code is above 0, else qform, else voxel sizes alone.
 *
 * A sform whose axes lie in one plane is taken as absent. With neither form the axes are taken as right, anterior
 * and superior with the first voxel at 0, as the standard's method 1 says.
 *
 * @param unitMm - millimetres in one unit of the file
 * @throws NOT_FINITE for NaN or infinity in the fields used
 * @source nifti1.h, "METHOD 1" to "METHOD 3"
 */
export function affineOfPlacement(placement: NiftiPlacement, unitMm: number, file?: string): Affine<'voxel', 'lps'> {
  const rows = rowsOfPlacement(placement);
  if (!rows.every(Number.isFinite)) {
    const details = { what: 'affine of the NIfTI header', got: rows };
    throw new VesaliusError('NOT_FINITE', file === undefined ? details : { ...details, file });
  }
  const toRas = createAffine('voxel', 'ras', [...rows.map((value) => value * unitMm), 0, 0, 0, 1]);
  return composeAffine(RAS_TO_LPS, toRas);
}

function rowsOfPlacement(placement: NiftiPlacement): readonly number[] {
  if (placement.sformCode > 0 && !isFlat(placement.srow)) return placement.srow;
  const sizes = [1, 2, 3].map((axis) => Math.abs(placement.pixdim[axis] as number) || 1) as [number, number, number];
  if (placement.qformCode <= 0) return [sizes[0], 0, 0, 0, 0, sizes[1], 0, 0, 0, 0, sizes[2], 0];
  // qfac: a negative first element of pixdim mirrors the third axis.
  if ((placement.pixdim[0] as number) < 0) sizes[2] = -sizes[2];
  const rotation = rotationOf(placement.quatern as Triple);
  return [0, 1, 2].flatMap((row) => [
    ...sizes.map((size, column) => size * (rotation[3 * row + column] as number)),
    placement.qoffset[row] as number,
  ]);
}

function isFlat(srow: readonly number[]): boolean {
  if (!srow.every(Number.isFinite)) return false;
  return determinantOf(createAffine('voxel', 'ras', [...srow, 0, 0, 0, 1])) === 0;
}

function rotationOf([qb, qc, qd]: Triple): readonly number[] {
  const squares = qb * qb + qc * qc + qd * qd;
  // The stored part of a half turn may exceed length 1 by rounding.
  const s = squares > 1 ? 1 / Math.sqrt(squares) : 1;
  const [a, b, c, d] = [Math.sqrt(Math.max(0, 1 - squares)), qb * s, qc * s, qd * s];
  return [
    ...[a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    ...[2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    ...[2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
}

/**
 * The fields that say where the voxels lie, in millimetres: sform always, qform where the axes are at right angles.
 *
 * A sheared grid has no qform: its code is then 0, so that no reader places the voxels wrongly.
 */
export function placementOfAffine(voxelToLps: Affine<'voxel', 'lps'>): NiftiPlacement {
  const toRas = composeAffine(LPS_TO_RAS, voxelToLps);
  const srow = toRas.matrix.slice(0, 12);
  const columns = [0, 1, 2].map(
    (column) => [srow[column], srow[column + 4], srow[column + 8]] as [number, number, number],
  );
  const sizes = columns.map((column) => Math.hypot(...column));
  const qfac = determinantOf(toRas) < 0 ? -1 : 1;
  const units = columns.map((column, axis) =>
    column.map((v) => (v * (axis === 2 ? qfac : 1)) / (sizes[axis] as number)),
  );
  const rightAngles = [0, 1, 2].every((axis) => Math.abs(dot(units[axis], units[(axis + 1) % 3])) < 1e-4);
  return {
    pixdim: [qfac, ...sizes],
    qformCode: rightAngles ? 1 : 0,
    sformCode: 1,
    quatern: rightAngles ? quaternionOf(units) : [0, 0, 0],
    qoffset: [3, 7, 11].map((index) => srow[index] as number),
    srow,
  };
}

function dot(a: readonly number[] = [], b: readonly number[] = []): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);
}

/** b, c, d of the unit quaternion with a >= 0; from the largest of the four squares, which keeps the precision. */
function quaternionOf(columns: readonly (readonly number[])[]): number[] {
  const at = (row: number, column: number): number => columns[column]?.[row] as number;
  const [xx, yy, zz] = [at(0, 0), at(1, 1), at(2, 2)];
  const squares = [1 + xx + yy + zz, 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz];
  const largest = squares.indexOf(Math.max(...squares));
  const differences = [at(2, 1) - at(1, 2), at(0, 2) - at(2, 0), at(1, 0) - at(0, 1)] as [number, number, number];
  const sums = [at(0, 1) + at(1, 0), at(0, 2) + at(2, 0), at(1, 2) + at(2, 1)] as [number, number, number];
  const candidates = [
    [squares[0] as number, ...differences],
    [differences[0], squares[1] as number, sums[0], sums[1]],
    [differences[1], sums[0], squares[2] as number, sums[2]],
    [differences[2], sums[1], sums[2], squares[3] as number],
  ];
  const chosen = candidates[largest] as number[];
  const scale = ((chosen[0] as number) < 0 ? -1 : 1) / Math.hypot(...chosen);
  return chosen.slice(1).map((value) => value * scale);
}

import type { Size } from '../sample.ts';
import type { DisplacementField } from './displacement-field.ts';
import type { Matrix } from './matrix.ts';
import type { Padding, SpatialTransform } from './spatial-transform.ts';

/** Where the voxels of one output row lie in the input: z, y, x of each. */
export interface RowCoordinates {
  readonly z: Float64Array;
  readonly y: Float64Array;
  readonly x: Float64Array;
}

export function createRow(length: number): RowCoordinates {
  return { z: new Float64Array(length), y: new Float64Array(length), x: new Float64Array(length) };
}

/** Fills `row` with the input coordinates of output row (z, y); padding other than constant is folded in. */
export function fillRow(row: RowCoordinates, at: { z: number; y: number }, rule: CoordinateRule): void {
  const { transform, field } = rule;
  if (field && transform.warp) {
    fillLine(row, transform.warp.before, at);
    field.displace(row);
    mapRow(row, transform.matrix);
  } else fillLine(row, transform.matrix, at);
  const mode = transform.padding?.mode;
  if (mode === undefined || mode === 'constant') return;
  const [depth, height, width] = transform.inputSize;
  const straight = !field;
  if (!(straight && endsInside(row.z, depth))) fold(row.z, depth, mode);
  if (!(straight && endsInside(row.y, height))) fold(row.y, height, mode);
  if (!(straight && endsInside(row.x, width))) fold(row.x, width, mode);
}

export interface CoordinateRule {
  readonly transform: Pick<SpatialTransform, 'matrix' | 'padding' | 'warp'> & { readonly inputSize: Size };
  readonly field?: DisplacementField;
}

function fillLine(row: RowCoordinates, m: Matrix, at: { z: number; y: number }): void {
  const [zz, zy, zx, z0, yz, yy, yx, y0, xz, xy, xx, x0] = m as number[] as [...Twelve];
  const startZ = zz * at.z + zy * at.y + z0;
  const startY = yz * at.z + yy * at.y + y0;
  const startX = xz * at.z + xy * at.y + x0;
  const { z, y, x } = row;
  for (let i = 0; i < x.length; i++) {
    z[i] = startZ + zx * i;
    y[i] = startY + yx * i;
    x[i] = startX + xx * i;
  }
}

type Twelve = [number, number, number, number, number, number, number, number, number, number, number, number];

function mapRow({ z, y, x }: RowCoordinates, m: Matrix): void {
  const [zz, zy, zx, z0, yz, yy, yx, y0, xz, xy, xx, x0] = m as number[] as [...Twelve];
  for (let i = 0; i < x.length; i++) {
    const a = z[i] as number;
    const b = y[i] as number;
    const c = x[i] as number;
    z[i] = zz * a + zy * b + zx * c + z0;
    y[i] = yz * a + yy * b + yx * c + y0;
    x[i] = xz * a + xy * b + xx * c + x0;
  }
}

/** Enough to know of a straight line. */
function endsInside(line: Float64Array, length: number): boolean {
  const first = line[0] as number;
  const last = line[line.length - 1] as number;
  return first >= 0 && last >= 0 && first <= length - 1 && last <= length - 1;
}

/** Brings coordinates into 0 .. length - 1. */
function fold(line: Float64Array, length: number, mode: Exclude<Padding['mode'], 'constant'>): void {
  const last = length - 1;
  for (let i = 0; i < line.length; i++) {
    const value = line[i] as number;
    if (value >= 0 && value <= last) continue;
    const within =
      mode === 'edge' ? value : mode === 'extent' ? withinExtent(value, length) : mirror(value, length, mode);
    line[i] = Math.min(Math.max(within, 0), last);
  }
}

/** NaN, which lies in no image, beyond the outer sides of the outermost voxels. */
function withinExtent(value: number, length: number): number {
  const rounding = 1e-6;
  return value >= -0.5 - rounding && value <= length - 0.5 + rounding ? value : Number.NaN;
}

function mirror(value: number, length: number, mode: 'reflect' | 'symmetric'): number {
  // reflect turns at the outermost voxels' centres, symmetric half a voxel further out.
  const shift = mode === 'symmetric' ? 0.5 : 0;
  const period = 2 * (length - 1 + 2 * shift);
  if (period === 0) return 0;
  const folded = Math.abs(value + shift) % period;
  return (folded > period / 2 ? period - folded : folded) - shift;
}

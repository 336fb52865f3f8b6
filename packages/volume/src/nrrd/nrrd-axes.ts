import { type Affine, createAffine } from '../affine.ts';
import type { Triple } from '../volume.ts';
import { fail } from './nrrd-header.ts';

/** What each axis of the file is, fastest first, and where the voxels lie. */
export interface NrrdAxes {
  readonly sizes: readonly number[];
  /** Of every file axis, the axis of the volume: 0 to 2 for x, y, z, 3 for time, 4 for components. */
  readonly roles: readonly number[];
  readonly timeStepSeconds: number;
  readonly voxelToLps: Affine<'voxel', 'lps'>;
}

/** Signs that carry a named space to left, posterior, superior. */
const SPACES: Readonly<Record<string, Triple>> = {
  'right-anterior-superior': [-1, -1, 1],
  'left-anterior-superior': [1, -1, 1],
  'left-posterior-superior': [1, 1, 1],
  ras: [-1, -1, 1],
  las: [1, -1, 1],
  lps: [1, 1, 1],
  // These name no side of the patient; they are taken as they stand.
  'scanner-xyz': [1, 1, 1],
  '3d-right-handed': [1, 1, 1],
  '3d-left-handed': [1, 1, 1],
};

const UNITS_MM: Readonly<Record<string, number>> = {
  m: 1000,
  cm: 10,
  mm: 1,
  um: 1e-3,
  µm: 1e-3,
  micron: 1e-3,
  microns: 1e-3,
  nm: 1e-6,
};
const UNITS_SECONDS: Readonly<Record<string, number>> = { s: 1, sec: 1, ms: 1e-3, us: 1e-6 };

type Vector = readonly number[];
type Fields = ReadonlyMap<string, string>;

/**
 * Understands sizes, kinds, space and directions.
 *
 * Axes with a space direction are x, y, z; without directions these are the axes whose kind is `space` or `domain`, else
 * the first three. One further axis of kind `time` is time; one further other axis holds components.
 *
 * @throws FILE_FORMAT, FILE_UNSUPPORTED, NOT_FINITE
 */
export function nrrdAxes(fields: Fields, file?: string): NrrdAxes {
  const sizes = sizesOf(fields, file);
  const directions = directionsOf(fields, sizes.length, file);
  const spatial = spatialAxes(fields, directions, sizes.length);
  const roles = rolesOf(fields, spatial, { count: sizes.length, file });
  return {
    sizes,
    roles,
    timeStepSeconds: timeStepOf(fields, roles),
    voxelToLps: affineOf(fields, directions, { spatial, file }),
  };
}

function sizesOf(fields: Fields, file?: string): readonly number[] {
  const dimension = Number(fields.get('dimension'));
  const sizes = words(fields.get('sizes')).map(Number);
  const valid =
    dimension >= 1 &&
    dimension <= 16 &&
    sizes.length === dimension &&
    sizes.every((n) => Number.isSafeInteger(n) && n > 0);
  if (!valid)
    throw fail(
      'FILE_FORMAT',
      { what: 'sizes of the NRRD', got: fields.get('sizes'), expected: `${dimension} sizes above 0` },
      file,
    );
  if (!Number.isSafeInteger(8 * sizes.reduce((product, n) => product * n, 1))) {
    throw fail('FILE_FORMAT', { what: 'product of the NRRD sizes', got: sizes }, file);
  }
  return sizes;
}

function directionsOf(fields: Fields, count: number, file?: string): readonly (Vector | undefined)[] | undefined {
  const text = fields.get('space directions');
  if (text === undefined) return undefined;
  const directions = (text.match(/none|\([^)]*\)/g) ?? []).map((word) => (word === 'none' ? undefined : vector(word)));
  if (directions.length !== count)
    throw fail('FILE_FORMAT', { what: 'space directions', got: text.slice(0, 200), expected: `${count}` }, file);
  // Some writers say (nan,nan,nan) for none.
  return directions.map((direction) => (direction?.every(Number.isNaN) ? undefined : direction));
}

function spatialAxes(fields: Fields, directions: readonly unknown[] | undefined, count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, axis) => axis);
  const kinds = words(fields.get('kinds')?.toLowerCase());
  const isSpace = (axis: number): boolean =>
    directions === undefined ? /^(space|domain|\?\?\?|none)$/.test(kinds[axis] ?? '') : directions[axis] !== undefined;
  const chosen = all.filter(isSpace);
  return (chosen.length > 0 ? chosen : all).slice(0, 3);
}

function rolesOf(
  fields: Fields,
  spatial: readonly number[],
  { count, file }: { count: number; file: string | undefined },
): readonly number[] {
  const kinds = words(fields.get('kinds')?.toLowerCase());
  const roles = Array.from({ length: count }, (_, axis) => {
    const place = spatial.indexOf(axis);
    if (place >= 0) return place;
    return kinds[axis] === 'time' ? 3 : 4;
  });
  if (new Set(roles).size < count) {
    throw fail(
      'FILE_UNSUPPORTED',
      { what: 'axes of the NRRD', got: kinds, expected: 'x, y, z, at most one of time and one of components' },
      file,
    );
  }
  return roles;
}

function timeStepOf(fields: Fields, roles: readonly number[]): number {
  const axis = roles.indexOf(3);
  const unit = words(fields.get('units')?.replaceAll('"', ' '))[axis] ?? 's';
  const step = Number(words(fields.get('spacings'))[axis]) * (UNITS_SECONDS[unit] ?? 1);
  return axis >= 0 && step > 0 && Number.isFinite(step) ? step : 0;
}

function affineOf(
  fields: Fields,
  directions: readonly (Vector | undefined)[] | undefined,
  { spatial, file }: { spatial: readonly number[]; file: string | undefined },
): Affine<'voxel', 'lps'> {
  const space =
    fields
      .get('space')
      ?.toLowerCase()
      .replace(/-time$/, '') ?? 'lps';
  const signs = SPACES[space];
  if (signs === undefined) throw fail('FILE_UNSUPPORTED', { what: 'space of the NRRD', got: space }, file);
  const spacings = words(fields.get('spacings')).map(Number);
  const given = spatial.map((axis) => directions?.[axis] ?? unit(spatial.indexOf(axis), spacings[axis]));
  const columns = completed(given);
  const origin = vector(fields.get('space origin') ?? '(0,0,0)');
  if (![...columns, origin].every((v) => v.length === 3 && v.every(Number.isFinite))) {
    const finite = [...columns, origin].every((v) => v.every(Number.isFinite));
    throw fail(
      finite ? 'FILE_UNSUPPORTED' : 'NOT_FINITE',
      { what: 'space directions and origin', got: columns.flat(), expected: 'three finite numbers each' },
      file,
    );
  }
  const units = [...(fields.get('space units') ?? '').matchAll(/"([^"]*)"/g)].map(
    ([, name]) => UNITS_MM[name ?? ''] ?? 1,
  );
  const rows = signs.flatMap((sign, row) =>
    [...columns, origin].map((column) => sign * (units[row] ?? 1) * (column[row] as number)),
  );
  return createAffine('voxel', 'lps', [...rows, 0, 0, 0, 1]);
}

function unit(axis: number, spacing = 1): Vector {
  return [0, 1, 2].map((row) => (row === axis ? (Number.isNaN(spacing) ? 1 : spacing) : 0));
}

/** One or two directions, with 1 mm axes at right angles for those that are missing. */
function completed(given: readonly Vector[]): readonly Vector[] {
  const [first = [1, 0, 0], second = orthogonal(first)] = given;
  return [first, second, given[2] ?? normalized(cross(first, second))];
}

function orthogonal(v: Vector): Vector {
  const smallest = v.map(Math.abs).indexOf(Math.min(...v.map(Math.abs)));
  return normalized(cross(unit(smallest), v));
}

function cross([a = 0, b = 0, c = 0]: Vector, [d = 0, e = 0, f = 0]: Vector): Vector {
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}

function normalized(v: Vector): Vector {
  const length = Math.hypot(...v);
  return v.map((value) => value / (length || 1));
}

function vector(text: string): Vector {
  return text.replaceAll(/[()]/g, '').split(',').map(Number);
}

function words(text: string | undefined): string[] {
  return text?.split(/\s+/).filter((word) => word !== '') ?? [];
}

import { VesaliusError } from '@vesalius/errors';
import { createAffine } from './affine.ts';
import { gather } from './strided.ts';
import { createVolume, type Grid, type Triple, type Volume, type VoxelArray } from './volume.ts';
import { allocateVoxels, voxelTypeOf } from './voxel-type.ts';

/** Letters of the positive and negative end of each LPS axis. */
const LETTERS = ['LR', 'PA', 'SI'] as const;
/**
 * The side of the patient each voxel axis runs to, such as `RAS`: x towards right, y anterior, z superior.
 *
 * An oblique axis takes the side it is nearest to; the axis that is least oblique chooses first.
 */
export function axisCodes(grid: Pick<Grid, 'voxelToLps'>): string {
  const cosines = axisCosines(grid);
  const strength = cosines.map((axis) => Math.max(...axis.map(Math.abs)));
  const strongestFirst = [0, 1, 2].sort((a, b) => (strength[b] as number) - (strength[a] as number));
  const codes = ['', '', ''];
  const free = new Set([0, 1, 2]);
  for (const axis of strongestFirst) {
    const cosine = (world: number): number => cosines[axis]?.[world] as number;
    const world = [...free].reduce((best, other) => (Math.abs(cosine(other)) > Math.abs(cosine(best)) ? other : best));
    free.delete(world);
    codes[axis] = LETTERS[world]?.[cosine(world) < 0 ? 1 : 0] as string;
  }
  return codes.join('');
}

function axisCosines({ voxelToLps: { matrix } }: Pick<Grid, 'voxelToLps'>): number[][] {
  return [0, 1, 2].map((axis) => {
    const column = [matrix[axis], matrix[axis + 4], matrix[axis + 8]] as number[];
    const length = Math.hypot(...column) || 1;
    return column.map((value) => value / length);
  });
}

/**
 * The same volume with its axes permuted and flipped so that they run to the sides asked for; no voxel is interpolated
 * and each keeps its place in the patient.
 *
 * @param codes - such as `LPS` or `RAS`
 * @throws INVALID_ARGUMENT when the letters do not name three different axes
 * @parity nibabel.orientations.apply_orientation
 */
export function reorient<V extends VoxelArray>(volume: Volume<V>, codes: string): Volume<V> {
  const wanted = parseCodes(codes);
  const present = parseCodes(axisCodes(volume));
  const from = wanted.map(({ world }) => present.findIndex((axis) => axis.world === world));
  const flips = wanted.map(({ sign }, axis) => present[from[axis] as number]?.sign !== sign);
  if (from.every((source, axis) => source === axis && !flips[axis])) return volume;
  return rearrange(volume, from as unknown as Triple, flips);
}

function parseCodes(codes: string): { world: number; sign: number }[] {
  const axes = Array.from(codes.toUpperCase(), (letter) => {
    const world = LETTERS.findIndex((pair) => pair.includes(letter));
    return { world, sign: LETTERS[world]?.indexOf(letter) === 0 ? 1 : -1 };
  });
  if (axes.length === 3 && new Set(axes.map(({ world }) => world)).size === 3 && axes.every(({ world }) => world >= 0))
    return axes;
  const expected = 'one letter each of L/R, P/A and S/I';
  throw new VesaliusError('INVALID_ARGUMENT', { what: 'axis codes', got: codes, expected });
}

/** New axis i is old axis `from[i]`, backwards where `flips[i]`. */
function rearrange<V extends VoxelArray>(volume: Volume<V>, from: Triple, flips: readonly boolean[]): Volume<V> {
  const [nx, ny, nz] = volume.size;
  const oldSteps = [1, nx, nx * ny];
  const size = from.map((axis) => volume.size[axis]) as unknown as Triple;
  const steps = from.map((axis, i) => (flips[i] ? -1 : 1) * (oldSteps[axis] as number));
  const first = from.map((axis, i) => (flips[i] ? (volume.size[axis] as number) - 1 : 0));
  const start = first.reduce((sum, index, i) => sum + index * (oldSteps[from[i] as number] as number), 0);
  const voxels = allocateVoxels(voxelTypeOf(volume.voxels), volume.voxels.length) as V;
  const frames = [volume.timePoints, volume.components];
  const frame = nx * ny * nz;
  gather(volume.voxels, voxels, {
    sizes: [...size, ...frames],
    steps: [...steps, frame, frame * volume.timePoints],
    start,
  });
  return createVolume({ ...volume, voxels, size, voxelToLps: rearrangedAffine(volume, { from, flips, first }) });
}

function rearrangedAffine(
  { voxelToLps: { matrix } }: Grid,
  { from, flips, first }: { from: Triple; flips: readonly boolean[]; first: readonly number[] },
) {
  const rows = [0, 4, 8].flatMap((row) => {
    const old = from.map((axis) => matrix[row + axis] as number);
    const origin = old.reduce((sum, value, i) => sum + value * (first[i] as number), matrix[row + 3] as number);
    return [...old.map((value, i) => (flips[i] ? -value : value)), origin];
  });
  return createAffine('voxel', 'lps', [...rows, 0, 0, 0, 1]);
}

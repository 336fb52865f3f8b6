import { VesaliusError } from '@vesalius/errors';
import { spacingMm, type Triple, type Volume } from '@vesalius/volume';

export type LabelArray =
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array;

/**
 * Class numbers on a grid, 0 being background; index `x + nx * (y + ny * z)`.
 *
 * A size with nz = 1 is a 2-D image: nothing looks for neighbours along z. Where only a mask is asked for, every number
 * but 0 is inside.
 */
export interface LabelMap<L extends LabelArray = LabelArray> {
  readonly voxels: L;
  /** nx, ny, nz */
  readonly size: Triple;
  readonly spacingMm: Triple;
}

/**
 * The label map that a volume holds, with the spacing of its affine; shares the voxels where they are whole numbers by type.
 *
 * @throws LABEL_OUT_OF_RANGE when a voxel is no whole number of 32 bits, SHAPE_MISMATCH when the volume has time or components
 */
export function labelMapOf(volume: Volume): LabelMap {
  const { voxels, size } = volume;
  const frames = volume.timePoints * volume.components;
  if (frames !== 1)
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'frames of a label map', got: frames, expected: 1 });
  return { voxels: isLabelArray(voxels) ? voxels : toInt32(voxels), size, spacingMm: spacingMm(volume) };
}

/**
 * Refuses a map whose voxels do not fill its size or whose spacing is no length.
 *
 * @throws SHAPE_MISMATCH, INVALID_ARGUMENT
 */
export function assertLabelMap({ voxels, size, spacingMm }: LabelMap): void {
  const expected = size[0] * size[1] * size[2];
  if (voxels.length !== expected) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: `voxels of a ${size.join('x')} label map`,
      got: voxels.length,
      expected,
    });
  }
  if (!spacingMm.every((mm) => mm > 0 && Number.isFinite(mm))) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'spacing in mm',
      got: spacingMm,
      expected: 'three positive lengths',
    });
  }
}

/** A mask on the grid of `map`, 1 where the number is `label`, or where it is not 0 when no label is given. */
export function maskOf(map: LabelMap, label?: number): LabelMap<Uint8Array> {
  assertLabelMap(map);
  const { voxels, size, spacingMm } = map;
  const mask = new Uint8Array(voxels.length);
  if (label === undefined) for (let i = 0; i < mask.length; i++) mask[i] = voxels[i] === 0 ? 0 : 1;
  else for (let i = 0; i < mask.length; i++) mask[i] = voxels[i] === label ? 1 : 0;
  return { voxels: mask, size, spacingMm };
}

function isLabelArray(
  voxels: Volume['voxels'],
): voxels is Exclude<Volume['voxels'], Float32Array | Float64Array | BigInt64Array | BigUint64Array> {
  return !(
    voxels instanceof Float32Array ||
    voxels instanceof Float64Array ||
    voxels instanceof BigInt64Array ||
    voxels instanceof BigUint64Array
  );
}

function toInt32(voxels: Volume['voxels']): Int32Array {
  const labels = new Int32Array(voxels.length);
  for (let i = 0; i < labels.length; i++) {
    const value = Number(voxels[i]);
    labels[i] = value;
    if (labels[i] !== value) {
      throw new VesaliusError('LABEL_OUT_OF_RANGE', {
        what: 'voxel of a label map',
        got: value,
        expected: 'a whole number',
      });
    }
  }
  return labels;
}

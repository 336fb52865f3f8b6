import type { ErrorDetails } from '@vesalius/errors';
import { VesaliusError } from '@vesalius/errors';
import type { Grid, Triple } from '../volume.ts';
import { VOXEL_ARRAYS } from '../voxel-type.ts';
import { affineOfPlacement } from './nifti-affine.ts';
import { NIFTI_DATATYPES, type NiftiDatatype, UNSUPPORTED_DATATYPES } from './nifti-datatype.ts';
import { NIFTI_1, NIFTI_2, type NiftiField, readField } from './nifti-fields.ts';

/** What a NIfTI header says of its voxels. */
export interface NiftiHeader extends Grid {
  readonly version: 1 | 2;
  readonly littleEndian: boolean;
  /** False for the .hdr of a .hdr/.img pair. */
  readonly singleFile: boolean;
  readonly timePoints: number;
  readonly timeStepSeconds: number;
  readonly components: number;
  /** NumPy's name, or `rgb24`, `rgba32`. */
  readonly datatype: string;
  /** Stored values times slope plus intercept are the values meant. */
  readonly slope: number;
  readonly intercept: number;
  readonly voxelOffset: number;
  /** Bytes of the stored voxels. */
  readonly dataBytes: number;
  readonly description: string;
}

/** The layout a header has by its first four bytes, or undefined when they are no NIfTI's. */
export function layoutOf(view: DataView): { version: 1 | 2; littleEndian: boolean } | undefined {
  if (view.byteLength < 4) return undefined;
  for (const littleEndian of [true, false]) {
    const headerBytes = view.getInt32(0, littleEndian);
    if (headerBytes === NIFTI_1.headerBytes) return { version: 1, littleEndian };
    if (headerBytes === NIFTI_2.headerBytes) return { version: 2, littleEndian };
  }
  return undefined;
}

/**
 * Reads a header that is not compressed.
 *
 * @throws FILE_FORMAT, FILE_TRUNCATED, FILE_UNSUPPORTED, NOT_FINITE
 */
export function parseNiftiHeader(bytes: Uint8Array, file?: string): NiftiHeader {
  const refuse = refuserOf(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layout = layoutOf(view);
  const { headerBytes, fields } = layout?.version === 2 ? NIFTI_2 : NIFTI_1;
  if (bytes.length < (layout ? headerBytes : 4)) {
    return refuse('FILE_TRUNCATED', { what: 'bytes of the NIfTI header', got: bytes.length, expected: headerBytes });
  }
  if (!layout)
    return refuse('FILE_FORMAT', {
      what: 'size of the NIfTI header at byte 0',
      got: view.getInt32(0, true),
      expected: '348 or 540',
    });
  const read = (name: NiftiField): number[] => readField(view, fields[name], layout.littleEndian);
  const one = (name: NiftiField): number => read(name)[0] as number;
  const singleFile = singleFileOf(text(read('magic').slice(0, 4)), layout.version, refuse);
  const datatype = datatypeOf(one('datatype'), refuse);
  const shape = shapeOf(read('dim'), datatype, refuse);
  const units = one('units');
  const pixdim = read('pixdim');
  const placement = {
    pixdim,
    qformCode: one('qformCode'),
    sformCode: one('sformCode'),
    quatern: read('quatern'),
    qoffset: read('qoffset'),
    srow: read('srow'),
  };
  return {
    ...layout,
    ...shape,
    singleFile,
    datatype: datatype.name,
    timeStepSeconds: shape.timePoints > 1 ? timeStepOf(pixdim[4] as number, units) : 0,
    voxelToLps: affineOfPlacement(placement, UNITS_MM[units & 7] ?? 1, file),
    ...scalingOf(one('slope'), one('inter'), datatype, refuse),
    voxelOffset: offsetOf(one('voxOffset'), singleFile ? headerBytes + 4 : 0, refuse),
    description: text(read('description')),
  };
}

type Refuse = (
  code: 'FILE_FORMAT' | 'FILE_TRUNCATED' | 'FILE_UNSUPPORTED' | 'NOT_FINITE',
  details: ErrorDetails,
) => never;

function refuserOf(file: string | undefined): Refuse {
  return (code, details) => {
    throw new VesaliusError(code, file === undefined ? details : { ...details, file });
  };
}

/** NIFTI_UNITS_METER, MM and MICRON. */
const UNITS_MM: Readonly<Record<number, number>> = { 1: 1000, 2: 1, 3: 0.001 };
/** NIFTI_UNITS_SEC, MSEC and USEC; hertz, ppm and radians are no time. */
const UNITS_SECONDS: Readonly<Record<number, number>> = { 0: 1, 8: 1, 16: 1e-3, 24: 1e-6 };

function timeStepOf(step: number, units: number): number {
  const seconds = step * (UNITS_SECONDS[units & 0x38] ?? 0);
  return seconds > 0 && Number.isFinite(seconds) ? seconds : 0;
}

function singleFileOf(magic: string, version: 1 | 2, refuse: Refuse): boolean {
  if (magic === `n+${version}`) return true;
  if (magic === `ni${version}`) return false;
  return refuse('FILE_FORMAT', {
    what: 'magic of the NIfTI header',
    got: magic,
    expected: `n+${version} or ni${version}`,
  });
}

function datatypeOf(code: number, refuse: Refuse): NiftiDatatype {
  const known = NIFTI_DATATYPES[code];
  if (known !== undefined) return known;
  const name = UNSUPPORTED_DATATYPES[code];
  if (name !== undefined) return refuse('FILE_UNSUPPORTED', { what: 'voxel type', got: name });
  return refuse('FILE_FORMAT', { what: 'datatype code of the NIfTI header', got: code });
}

type Shape = Pick<NiftiHeader, 'size' | 'timePoints' | 'components' | 'dataBytes'>;

function shapeOf(dim: readonly number[], { type, samples }: NiftiDatatype, refuse: Refuse): Shape {
  const axes = dim[0] as number;
  if (!(axes >= 1 && axes <= 7))
    return refuse('FILE_FORMAT', { what: 'number of axes', got: axes, expected: '1 to 7' });
  const sizes = Array.from({ length: 7 }, (_, axis) => (axis < axes ? (dim[axis + 1] as number) : 1));
  if (sizes.some((n) => n < 1))
    return refuse('FILE_FORMAT', { what: 'size of an axis', got: sizes, expected: 'above 0' });
  const dataBytes = sizes.reduce((product, n) => product * n, samples * VOXEL_ARRAYS[type].BYTES_PER_ELEMENT);
  if (!Number.isSafeInteger(dataBytes)) return refuse('FILE_FORMAT', { what: 'product of the axis sizes', got: sizes });
  const [x, y, z, timePoints, components, sixth, seventh] = sizes as [...Triple, number, number, number, number];
  if (sixth * seventh > 1 || (components > 1 && samples > 1)) {
    return refuse('FILE_UNSUPPORTED', { what: 'axes beyond x, y, z, time and component', got: sizes });
  }
  return { size: [x, y, z], timePoints, components: components * samples, dataBytes };
}

function scalingOf(slope: number, inter: number, { samples }: NiftiDatatype, refuse: Refuse) {
  // A slope of 0 says that there is no scaling; colours are never scaled.
  if (slope === 0 || !Number.isFinite(slope) || samples > 1) return { slope: 1, intercept: 0 };
  if (!Number.isFinite(inter)) return refuse('NOT_FINITE', { what: 'scl_inter of the NIfTI header', got: inter });
  return { slope, intercept: inter };
}

function offsetOf(offset: number, smallest: number, refuse: Refuse): number {
  if (offset === 0) return smallest;
  if (Number.isSafeInteger(Math.floor(offset)) && offset >= smallest - 4)
    return Math.max(Math.floor(offset), smallest - 4);
  return refuse('FILE_FORMAT', {
    what: 'vox_offset of the NIfTI header',
    got: offset,
    expected: `at least ${smallest}`,
  });
}

function text(bytes: readonly number[]): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.slice(0, end)));
}

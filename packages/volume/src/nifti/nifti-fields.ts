/** Where a header field lies: offset, kind, count. @source nifti1.h and nifti2.h of the NIfTI working group */
type Field = readonly [offset: number, kind: 'i16' | 'i32' | 'i64' | 'f32' | 'f64' | 'u8', count: number];

export const NIFTI_1 = {
  headerBytes: 348,
  fields: {
    dim: [40, 'i16', 8],
    intentCode: [68, 'i16', 1],
    datatype: [70, 'i16', 1],
    bitpix: [72, 'i16', 1],
    pixdim: [76, 'f32', 8],
    voxOffset: [108, 'f32', 1],
    slope: [112, 'f32', 1],
    inter: [116, 'f32', 1],
    units: [123, 'u8', 1],
    description: [148, 'u8', 80],
    qformCode: [252, 'i16', 1],
    sformCode: [254, 'i16', 1],
    quatern: [256, 'f32', 3],
    qoffset: [268, 'f32', 3],
    srow: [280, 'f32', 12],
    magic: [344, 'u8', 4],
  },
} as const;

export const NIFTI_2 = {
  headerBytes: 540,
  fields: {
    dim: [16, 'i64', 8],
    intentCode: [504, 'i32', 1],
    datatype: [12, 'i16', 1],
    bitpix: [14, 'i16', 1],
    pixdim: [104, 'f64', 8],
    voxOffset: [168, 'i64', 1],
    slope: [176, 'f64', 1],
    inter: [184, 'f64', 1],
    units: [500, 'i32', 1],
    description: [240, 'u8', 80],
    qformCode: [344, 'i32', 1],
    sformCode: [348, 'i32', 1],
    quatern: [352, 'f64', 3],
    qoffset: [376, 'f64', 3],
    srow: [400, 'f64', 12],
    magic: [4, 'u8', 8],
  },
} as const;

export type NiftiField = keyof typeof NIFTI_1.fields;

const BYTES = { u8: 1, i16: 2, i32: 4, f32: 4, i64: 8, f64: 8 };

export function readField(view: DataView, [offset, kind, count]: Field, littleEndian: boolean): number[] {
  return Array.from({ length: count }, (_, index) =>
    readNumber(view, kind, offset + index * BYTES[kind], littleEndian),
  );
}

function readNumber(view: DataView, kind: Field[1], at: number, littleEndian: boolean): number {
  if (kind === 'u8') return view.getUint8(at);
  if (kind === 'i16') return view.getInt16(at, littleEndian);
  if (kind === 'i32') return view.getInt32(at, littleEndian);
  if (kind === 'i64') return Number(view.getBigInt64(at, littleEndian));
  return kind === 'f32' ? view.getFloat32(at, littleEndian) : view.getFloat64(at, littleEndian);
}

/** Writes little endian. */
export function writeField(view: DataView, [offset, kind]: Field, values: readonly number[]): void {
  for (const [index, value] of values.entries()) {
    const at = offset + index * BYTES[kind];
    if (kind === 'u8') view.setUint8(at, value);
    else if (kind === 'i16') view.setInt16(at, value, true);
    else if (kind === 'i32') view.setInt32(at, value, true);
    else if (kind === 'i64') view.setBigInt64(at, BigInt(value), true);
    else if (kind === 'f32') view.setFloat32(at, value, true);
    else view.setFloat64(at, value, true);
  }
}

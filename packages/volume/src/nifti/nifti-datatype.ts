import type { VoxelType } from '../voxel-type.ts';

export interface NiftiDatatype {
  readonly name: string;
  readonly type: VoxelType;
  /** Components interleaved in one voxel: 3 for RGB. */
  readonly samples: number;
}

const scalar = (type: VoxelType): NiftiDatatype => ({ name: type, type, samples: 1 });

/** By `datatype` code. @source nifti1.h, DT_ and NIFTI_TYPE_ constants */
export const NIFTI_DATATYPES: Readonly<Record<number, NiftiDatatype>> = {
  2: scalar('uint8'),
  4: scalar('int16'),
  8: scalar('int32'),
  16: scalar('float32'),
  64: scalar('float64'),
  128: { name: 'rgb24', type: 'uint8', samples: 3 },
  256: scalar('int8'),
  512: scalar('uint16'),
  768: scalar('uint32'),
  1024: scalar('int64'),
  1280: scalar('uint64'),
  2304: { name: 'rgba32', type: 'uint8', samples: 4 },
};

/** Valid codes whose voxels are not read. */
export const UNSUPPORTED_DATATYPES: Readonly<Record<number, string>> = {
  1: 'binary',
  32: 'complex64',
  1536: 'float128',
  1792: 'complex128',
  2048: 'complex256',
};

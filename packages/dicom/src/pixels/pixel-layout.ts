import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import type { Keyword } from '../dictionary/generated/keyword.ts';

/** How the pixels of an image are stored: PS3.3 C.7.6.3. */
export interface PixelLayout {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** Samples of a colour lie in planes one after another. */
  readonly planar: boolean;
  readonly photometric: string;
  /** Which element holds the pixels: integers, 32-bit or 64-bit floats. */
  readonly element: 'PixelData' | 'FloatPixelData' | 'DoubleFloatPixelData';
}

const MOST_SAMPLES = 2 ** 31;

/**
 * The layout of an image.
 *
 * @throws VALUE_INVALID when an attribute is missing or cannot be, LIMIT_EXCEEDED for a frame of more than 2^31 samples
 */
export function pixelLayout(dataSet: DataSet): PixelLayout {
  const rows = positive(dataSet, 'Rows');
  const columns = positive(dataSet, 'Columns');
  const samplesPerPixel = dataSet.number('SamplesPerPixel') || 1;
  if (rows * columns * samplesPerPixel > MOST_SAMPLES) {
    throw new VesaliusError('LIMIT_EXCEEDED', { what: 'samples of a frame', expected: `at most ${MOST_SAMPLES}` });
  }
  const element = dataSet.has('FloatPixelData')
    ? 'FloatPixelData'
    : dataSet.has('DoubleFloatPixelData')
      ? 'DoubleFloatPixelData'
      : 'PixelData';
  const bitsAllocated =
    element === 'DoubleFloatPixelData' ? 64 : element === 'FloatPixelData' ? 32 : allocated(dataSet);
  const bitsStored = Math.min(dataSet.number('BitsStored') || bitsAllocated, bitsAllocated);
  return {
    rows,
    columns,
    // PS3.3 C.7.6.6: some writers put 0 where there is one.
    frames: Math.max(1, Math.trunc(dataSet.number('NumberOfFrames') || 1)),
    samplesPerPixel,
    bitsAllocated,
    bitsStored,
    highBit: Math.min(Math.max(dataSet.number('HighBit') ?? 0, bitsStored - 1), bitsAllocated - 1),
    signed: dataSet.number('PixelRepresentation') === 1,
    planar: samplesPerPixel > 1 && dataSet.number('PlanarConfiguration') === 1,
    photometric: dataSet.string('PhotometricInterpretation') ?? 'MONOCHROME2',
    element,
  };
}

function positive(dataSet: DataSet, name: Keyword): number {
  const value = dataSet.number(name);
  if (value !== undefined && value > 0) return value;
  throw new VesaliusError('VALUE_INVALID', { what: name, got: value ?? 'none', expected: 'a positive number' });
}

function allocated(dataSet: DataSet): number {
  const bits = dataSet.number('BitsAllocated');
  // PS3.5 8.1.1 allows 1 and multiples of 8.
  if (bits !== undefined && [1, 8, 16, 32, 64].includes(bits)) return bits;
  throw new VesaliusError('VALUE_INVALID', {
    what: 'BitsAllocated',
    got: bits ?? 'none',
    expected: '1, 8, 16, 32 or 64',
  });
}

/** Bytes of a native frame; of packed bits a fraction, since frames follow each other without a gap: PS3.5 8.1.1. */
export function nativeFrameBytes({ rows, columns, samplesPerPixel, bitsAllocated, photometric }: PixelLayout): number {
  // PS3.3 C.7.6.3.1.2: two pixels share a blue and a red difference.
  const samples = photometric === 'YBR_FULL_422' && samplesPerPixel === 3 ? 2 : samplesPerPixel;
  return (rows * columns * samples * bitsAllocated) / 8;
}

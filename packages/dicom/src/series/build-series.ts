import { VesaliusError } from '@vesalius/errors';
import { applyAffine, spacingMm, type Volume } from '@vesalius/volume';
import type { DataSet } from '../data-set/data-set.ts';
import { createDataSet, type DataSetRecord } from '../objects/create-data-set.ts';
import { createInstance, type InstanceOptions } from '../objects/create-instance.ts';
import { createUid } from '../objects/create-uid.ts';
import { cross, dot } from '../objects/planes.ts';
import { showDecimal } from '../values/decimal.ts';

/** What kind of images a volume becomes; what is neither CT nor MR becomes secondary captures. */
export type SeriesModality = 'CT' | 'MR' | 'OT';

export interface BuildSeriesOptions extends Omit<InstanceOptions, 'sopInstanceUid' | 'instanceNumber'> {
  readonly modality?: SeriesModality;
  /** An instance of the patient and study the series belongs to; a study of its own without it. */
  readonly source?: DataSet;
  /** Of the patient and study, where there is no source: name, ID, dates, descriptions. */
  readonly subject?: DataSetRecord;
}

const SOP_CLASSES = {
  CT: '1.2.840.10008.5.1.4.1.1.2',
  MR: '1.2.840.10008.5.1.4.1.1.4',
  OT: '1.2.840.10008.5.1.4.1.1.7',
} as const;

/**
 * A volume as instances of one slice each, time point by time point. Integers of up to 16 bits are stored as they are; others, and
 * fractions, in 65,536 steps between the least and the greatest with a rescale.
 *
 * @throws GEOMETRY_MISMATCH when rows and columns are not square to each other, NOT_FINITE for NaN or infinite voxels, FILE_UNSUPPORTED
 * for several components
 */
export function buildSeries(volume: Volume, options: BuildSeriesOptions = {}): DataSet[] {
  if (volume.components !== 1)
    throw new VesaliusError('FILE_UNSUPPORTED', {
      what: 'components of a series',
      got: volume.components,
      expected: 1,
    });
  const { modality = 'OT', source, subject, ...instance } = options;
  const study = source ?? createDataSet({ StudyInstanceUID: createUid(), ...subject });
  const shared = { ...pixelAttributes(volume), ...geometryOf(volume), ...kindOf(modality) };
  const seriesInstanceUid = options.seriesInstanceUid ?? createUid();
  const frameOfReference = source?.string('FrameOfReferenceUID') ?? createUid();
  const slices = volume.size[2];
  const stored = storedValues(volume);
  return Array.from({ length: slices * volume.timePoints }, (_, i) =>
    createInstance({
      ...instance,
      source: [study],
      sopClassUid: SOP_CLASSES[modality],
      modality,
      seriesInstanceUid,
      instanceNumber: i + 1,
      attributes: {
        ...shared,
        FrameOfReferenceUID: frameOfReference,
        PositionReferenceIndicator: null,
        ...timeOf(volume, Math.floor(i / slices)),
        ImagePositionPatient: decimals(applyAffine(volume.voxelToLps, [0, 0, i % slices])),
        ...stored.rescale,
        PixelData: stored.frame(i),
      },
    }),
  );
}

function decimals(values: readonly number[]): number[] {
  return values.map((value) => Number(showDecimal(value)));
}

/** Types 1 and 2 of the modules that CT and MR ask for: PS3.3 C.8.2.1, C.8.3.1; of secondary captures C.8.6.1. */
function kindOf(modality: SeriesModality): DataSetRecord {
  const ImageType = ['DERIVED', 'SECONDARY', 'OTHER'];
  // Of type 2C; nothing is known of them.
  const patient = { PatientPosition: null, Laterality: null };
  if (modality === 'CT') return { ...patient, ImageType, KVP: null, AcquisitionNumber: null, RescaleType: 'HU' };
  if (modality === 'OT') return { ConversionType: 'WSD', ImageType: ImageType.slice(0, 2) };
  return {
    ...patient,
    ImageType,
    ScanningSequence: 'RM',
    SequenceVariant: 'NONE',
    ScanOptions: null,
    MRAcquisitionType: null,
    RepetitionTime: null,
    EchoTime: null,
    EchoTrainLength: null,
  };
}

function timeOf({ timePoints, timeStepSeconds }: Volume, time: number): DataSetRecord {
  if (timePoints === 1) return {};
  return {
    TemporalPositionIdentifier: time + 1,
    NumberOfTemporalPositions: timePoints,
    ...(timeStepSeconds > 0 ? { TemporalResolution: Number(showDecimal(1000 * timeStepSeconds)) } : {}),
  };
}

function geometryOf(volume: Volume): DataSetRecord {
  const { matrix } = volume.voxelToLps;
  const spacing = spacingMm(volume);
  const axis = (column: number): [number, number, number] =>
    [0, 4, 8].map((row) => (matrix[row + column] as number) / (spacing[column] as number)) as [number, number, number];
  const [x, y, z] = [axis(0), axis(1), axis(2)];
  if (Math.abs(dot(x, y)) > 1e-3)
    throw new VesaliusError('GEOMETRY_MISMATCH', {
      what: 'angle between rows and columns',
      got: dot(x, y),
      expected: 0,
    });
  const between = spacing[2] * Math.abs(dot(z, cross(x, y)));
  return {
    ImageOrientationPatient: decimals([...x, ...y]),
    PixelSpacing: decimals([spacing[1], spacing[0]]),
    SliceThickness: Number(showDecimal(between)),
    SpacingBetweenSlices: Number(showDecimal(between)),
  };
}

function pixelAttributes({ size, voxels }: Volume): DataSetRecord {
  const byte = voxels instanceof Uint8Array;
  return {
    Rows: size[1],
    Columns: size[0],
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: byte ? 8 : 16,
    BitsStored: byte ? 8 : 16,
    HighBit: byte ? 7 : 15,
  };
}

interface StoredValues {
  readonly rescale: DataSetRecord;
  readonly frame: (index: number) => Uint8Array | Uint16Array | Int16Array;
}

function storedValues(volume: Volume): StoredValues {
  const { voxels } = volume;
  const frame = volume.size[0] * volume.size[1];
  const [low, high, whole] = rangeOf(voxels);
  const rescale = (slope: number, intercept: number, signed: boolean): DataSetRecord => ({
    PixelRepresentation: signed ? 1 : 0,
    RescaleSlope: slope,
    RescaleIntercept: intercept,
  });
  const signed = low < 0 || voxels instanceof Int16Array;
  if (whole && low >= -(2 ** 15) && high < (signed ? 2 ** 15 : 2 ** 16)) {
    const Type = voxels instanceof Uint8Array ? Uint8Array : signed ? Int16Array : Uint16Array;
    return { rescale: rescale(1, 0, signed), frame: (i) => new Type(slice(voxels, i * frame, frame)) };
  }
  // Decimals have 16 characters: what is stored fits the slope that can be written.
  const intercept = Number(showDecimal(low));
  const slope = Number(showDecimal((high - low) / 65_535)) || 1;
  const stored = (value: number | bigint): number =>
    Math.min(65_535, Math.max(0, Math.round((Number(value) - intercept) / slope)));
  return {
    rescale: rescale(slope, intercept, false),
    frame: (i) => Uint16Array.from(slice(voxels, i * frame, frame), stored),
  };
}

function slice(voxels: Volume['voxels'], start: number, length: number): ArrayLike<number> {
  return voxels.subarray(start, start + length) as unknown as ArrayLike<number>;
}

function rangeOf(voxels: Volume['voxels']): [low: number, high: number, whole: boolean] {
  let [low, high, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  for (let i = 0; i < voxels.length; i++) {
    const value = Number(voxels[i]);
    if (!Number.isFinite(value)) throw new VesaliusError('NOT_FINITE', { what: `voxel ${i}`, got: value });
    if (value < low) low = value;
    if (value > high) high = value;
    whole &&= Number.isInteger(value);
  }
  return [low, high, whole];
}

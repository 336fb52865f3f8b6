import { createDataSet, type DataSet } from '@vesalius/dicom';
import { createAffine, createVolume, type Volume } from '@vesalius/volume';

const ROOT = '1.2.826.0.1.3680043.10.543.1';
export const SIZE = [9, 7, 5] as const;
const [COLUMNS, ROWS, SLICES] = SIZE;
const SPACING = [0.75, 1.5, 2.5] as const;

/** A small CT series, tilted about the patient's left-right axis; its pixels rise from one to the next. */
export function ctSeries(): DataSet[] {
  return Array.from({ length: SLICES }, (_, slice) => {
    const [x, y, z] = place(slice);
    return createDataSet({
      SpecificCharacterSet: 'ISO_IR 192',
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
      SOPInstanceUID: `${ROOT}.3.${slice + 1}`,
      StudyInstanceUID: `${ROOT}.1`,
      SeriesInstanceUID: `${ROOT}.2`,
      FrameOfReferenceUID: `${ROOT}.4`,
      PositionReferenceIndicator: null,
      PatientName: 'Phantom^Jürgen',
      PatientID: 'PHANTOM-1',
      PatientBirthDate: '19700101',
      PatientSex: 'O',
      StudyDate: '20250102',
      StudyTime: '030405',
      StudyID: '1',
      AccessionNumber: 'A1',
      ReferringPhysicianName: null,
      Modality: 'CT',
      Manufacturer: 'Vesalius',
      SeriesNumber: 3,
      InstanceNumber: slice + 1,
      ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
      ImagePositionPatient: [x, y, z],
      ImageOrientationPatient: [1, 0, 0, 0, 0.8, 0.6],
      PixelSpacing: [SPACING[1], SPACING[0]],
      SliceThickness: SPACING[2],
      KVP: 120,
      AcquisitionNumber: 1,
      Rows: ROWS,
      Columns: COLUMNS,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 0,
      RescaleSlope: 1,
      RescaleIntercept: -1024,
      RescaleType: 'HU',
      PixelData: Uint16Array.from({ length: ROWS * COLUMNS }, (__, i) => 1000 + slice * ROWS * COLUMNS + i),
    });
  });
}

function place(slice: number): [number, number, number] {
  return [-10, 20 - 0.6 * SPACING[2] * slice, 30 + 0.8 * SPACING[2] * slice];
}

/** A volume on the series' own grid. */
export function onSeries<V extends Uint8Array | Uint16Array | Float32Array | Float64Array>(voxels: V): Volume<V> {
  const [sx, sy, sz] = SPACING;
  const [x, y, z] = place(0);
  const matrix = [sx, 0, 0, x, 0, 0.8 * sy, -0.6 * sz, y, 0, 0.6 * sy, 0.8 * sz, z, 0, 0, 0, 1];
  return createVolume({ voxels, size: SIZE, voxelToLps: createAffine('voxel', 'lps', matrix) });
}

/** Two organs: 1 in the slices 1 and 2, 2 in the slices 2 and 4. */
export function organLabels(): Volume<Uint8Array> {
  const voxels = new Uint8Array(COLUMNS * ROWS * SLICES);
  const put = (value: number, slice: number, [x0, x1]: [number, number], [y0, y1]: [number, number]): void => {
    for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) voxels[x + COLUMNS * (y + ROWS * slice)] = value;
  };
  put(1, 1, [1, 4], [1, 5]);
  put(1, 2, [2, 4], [1, 6]);
  put(2, 2, [5, 9], [0, 3]);
  put(2, 4, [6, 9], [2, 7]);
  return onSeries(voxels);
}

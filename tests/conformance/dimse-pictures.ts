import { createElement, DataSet } from '@vesalius/dicom';

export const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';
export const STUDY = '1.2.826.0.1.3680043.8.498.7';

/** A small picture of a study; the pixels are its number. */
export function picture(number: number): DataSet {
  return new DataSet([
    createElement('SOPClassUID', SECONDARY_CAPTURE),
    createElement('SOPInstanceUID', `${STUDY}.1.${number}`),
    createElement('StudyDate', '20200101'),
    createElement('StudyTime', '120000'),
    createElement('AccessionNumber', 'A1'),
    createElement('Modality', 'OT'),
    createElement('PatientName', 'Phantom^One'),
    createElement('PatientID', 'P1'),
    createElement('StudyID', '1'),
    createElement('StudyInstanceUID', STUDY),
    createElement('SeriesInstanceUID', `${STUDY}.1`),
    createElement('SeriesNumber', 1),
    createElement('InstanceNumber', number),
    createElement('SamplesPerPixel', 1),
    createElement('PhotometricInterpretation', 'MONOCHROME2'),
    createElement('Rows', 256),
    createElement('Columns', 256),
    createElement('BitsAllocated', 8),
    createElement('BitsStored', 8),
    createElement('HighBit', 7),
    createElement('PixelRepresentation', 0),
    createElement('PixelData', new Uint8Array(65536).fill(number)),
  ]);
}

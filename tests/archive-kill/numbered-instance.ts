import { createDicomFile, createElement, DataSet, EXPLICIT_LITTLE, encodeDataSet, writeDicom } from '@vesalius/dicom';

export const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';
const ROOT_UID = '1.2.826.0.1.3680043.8.498.66';
const IN_A_STUDY = 20;

const study = (number: number): string => `${ROOT_UID}.${Math.floor(number / IN_A_STUDY)}`;

export const uidOf = (number: number): string => `${study(number)}.1.${number}`;

export const studyOf = (uid: string): string => uid.split('.').slice(0, -2).join('.');

/** A small picture that differs from every other. */
function dataSet(number: number): DataSet {
  const pixels = new Uint8Array(64 * 64).map((_, i) => (i * 31 + number * 17) & 255);
  return new DataSet([
    createElement('SOPClassUID', SECONDARY_CAPTURE),
    createElement('SOPInstanceUID', uidOf(number)),
    createElement('Modality', 'OT'),
    createElement('PatientID', `K${Math.floor(number / IN_A_STUDY)}`),
    createElement('StudyInstanceUID', study(number)),
    createElement('SeriesInstanceUID', `${study(number)}.1`),
    createElement('InstanceNumber', number),
    createElement('SamplesPerPixel', 1),
    createElement('PhotometricInterpretation', 'MONOCHROME2'),
    createElement('Rows', 64),
    createElement('Columns', 64),
    createElement('BitsAllocated', 8),
    createElement('BitsStored', 8),
    createElement('HighBit', 7),
    createElement('PixelRepresentation', 0),
    createElement('PixelData', pixels),
  ]);
}

export const numberedFile = (number: number): Promise<Uint8Array<ArrayBuffer>> =>
  writeDicom(createDicomFile(dataSet(number)));

/** The data set alone, explicit little endian. */
export const dataSetBytes = (number: number): Buffer => Buffer.from(encodeDataSet(dataSet(number), EXPLICIT_LITTLE));

import { createElement, DataSet, EXPLICIT_LITTLE, encodeDataSet, encodeFileMeta } from '@vesalius/dicom';

/** An instance that was made up for a measurement. */
export interface MadeInstance {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  readonly sopClass: string;
  /** The data set alone, explicit little endian. */
  readonly dataSet: Uint8Array;
}

export const MR_IMAGE = '1.2.840.10008.5.1.4.1.1.4';
export const EXPLICIT = '1.2.840.10008.1.2.1';

const ROOT = '2.25.3141592653589793';
const NAMES = ['Adler', 'Baker', 'Cohen', 'Dubois', 'Evans', 'Fischer', 'Garcia', 'Hansen', 'Ivanov', 'Jensen'];
const MODALITIES = ['MR', 'CT', 'US', 'CR', 'PT'];

export interface MadeOptions {
  /** Other numbers, other UIDs. */
  readonly run: number;
  readonly count: number;
  /** Width and height of 16-bit pixels; none without it. */
  readonly size?: number;
  readonly perSeries?: number;
  readonly seriesPerStudy?: number;
  /** Other names and dates than those that follow from the number of the study. */
  readonly patient?: Omit<ReturnType<typeof patientOf>, 'study'>;
}

/** Studies of plain series, one patient each, from the first instance on. */
export function* madeInstances({
  run,
  count,
  size,
  perSeries = 100,
  seriesPerStudy = 3,
  patient,
}: MadeOptions): Generator<MadeInstance> {
  const pixels = size === undefined ? [] : pixelElements(size);
  for (let index = 0; index < count; index++) {
    const seriesNumber = Math.floor(index / perSeries);
    const studyNumber = Math.floor(seriesNumber / seriesPerStudy);
    const study = `${ROOT}.${run}.${studyNumber}`;
    const series = `${study}.${seriesNumber % seriesPerStudy}`;
    const instance = `${series}.${index % perSeries}`;
    const elements = [
      createElement('SOPClassUID', MR_IMAGE),
      createElement('SOPInstanceUID', instance),
      createElement('StudyInstanceUID', study),
      createElement('SeriesInstanceUID', series),
      createElement('SeriesNumber', (seriesNumber % seriesPerStudy) + 1),
      createElement('InstanceNumber', (index % perSeries) + 1),
      createElement('Modality', MODALITIES[seriesNumber % MODALITIES.length] ?? 'OT'),
      createElement('SeriesDescription', `Series ${seriesNumber % seriesPerStudy}`),
      createElement('ImagePositionPatient', [0, 0, index % perSeries]),
      createElement('ImageOrientationPatient', [1, 0, 0, 0, 1, 0]),
      ...patientElements(patient ?? patientOf(run, studyNumber), studyNumber),
      ...pixels,
    ];
    yield {
      study,
      series,
      instance,
      sopClass: MR_IMAGE,
      dataSet: encodeDataSet(new DataSet(elements), EXPLICIT_LITTLE),
    };
  }
}

/** What a query can ask for: the patient and study of a number. */
export function patientOf(run: number, study: number) {
  const day = 1 + (study % 28);
  return {
    id: `P${run}-${study}`,
    name: `${NAMES[study % NAMES.length]}${Math.floor(study / NAMES.length)}^Pat`,
    date: `20${String(10 + (Math.floor(study / 336) % 15)).padStart(2, '0')}${String(1 + (Math.floor(study / 28) % 12)).padStart(2, '0')}${String(day).padStart(2, '0')}`,
    accession: `A${run}-${study}`,
    study: `${ROOT}.${run}.${study}`,
  };
}

function patientElements({ id, name, date, accession }: Omit<ReturnType<typeof patientOf>, 'study'>, study: number) {
  return [
    createElement('PatientID', id),
    createElement('PatientName', name),
    createElement('PatientBirthDate', '19700101'),
    createElement('PatientSex', study % 2 === 0 ? 'F' : 'M'),
    createElement('StudyDate', date),
    createElement('StudyTime', '120000'),
    createElement('StudyID', String(study)),
    createElement('AccessionNumber', accession),
    createElement('StudyDescription', 'Made for a measurement'),
    createElement('ReferringPhysicianName', 'Referrer^One'),
  ];
}

function pixelElements(size: number) {
  const pixels = Uint16Array.from({ length: size * size }, (_, i) => (i * 2654435761) >>> 20);
  return [
    createElement('SamplesPerPixel', 1),
    createElement('PhotometricInterpretation', 'MONOCHROME2'),
    createElement('Rows', size),
    createElement('Columns', size),
    createElement('BitsAllocated', 16),
    createElement('BitsStored', 12),
    createElement('HighBit', 11),
    createElement('PixelRepresentation', 0),
    createElement('PixelSpacing', [1, 1]),
    createElement('PixelData', pixels),
  ];
}

/** The instance as a file. */
export function fileOf({ sopClass, instance, dataSet }: MadeInstance): Buffer {
  const meta = encodeFileMeta({ sopClassUid: sopClass, sopInstanceUid: instance, transferSyntaxUid: EXPLICIT });
  return Buffer.concat([meta, dataSet]);
}

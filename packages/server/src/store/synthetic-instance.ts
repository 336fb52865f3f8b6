import { createDicomFile, createElement, DataSet, type ElementInput, type Keyword, writeDicom } from '@vesalius/dicom';

const UNICODE = { characterSets: ['ISO_IR 192'] };
const DEFAULTS = {
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  SOPInstanceUID: '1.2.3.1.1',
  StudyInstanceUID: '1.2.3',
  SeriesInstanceUID: '1.2.3.1',
  SpecificCharacterSet: 'ISO_IR 192',
  PatientID: 'P1',
  PatientName: 'Test^Anna',
  Modality: 'CT',
} as const;

/** A small instance with the attributes given, as a Part 10 file. */
export function syntheticInstance(attributes: Partial<Record<Keyword, ElementInput>> = {}): Promise<Uint8Array> {
  const all = Object.entries({ ...DEFAULTS, ...attributes }) as [Keyword, ElementInput][];
  return writeDicom(createDicomFile(new DataSet(all.map(([name, value]) => createElement(name, value, UNICODE)))));
}

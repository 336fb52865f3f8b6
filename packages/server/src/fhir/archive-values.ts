import { DICOM_UID, type FhirResource, modalityOf, type StudyContent, textOf } from '@vesalius/fhir';
import { instantsOf } from './instants.ts';
import { type SearchValue, searchText } from './search-text.ts';

/** Codes of the server's own: the Study Instance UID, and how many series the other values were made of. */
export const STUDY_UID = '@study';
export const SERIES_COUNT = '@series-count';

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const row = (code: string, value: string, system = ''): SearchValue => ({ code, value, system, low: null, high: null });

function dates(code: string, date: unknown): SearchValue[] {
  const instants = typeof date === 'string' ? instantsOf(date) : undefined;
  return instants ? [{ ...row(code, ''), ...instants }] : [];
}

/** What an ImagingStudy of the archive is found by, but for its instances and their classes: those stand in the archive's own index. */
export function studyValues(study: StudyContent, content: FhirResource): SearchValue[] {
  const { uid, patient, attributes, series } = study;
  const accession = textOf(attributes, '00080050');
  const modalities = [...new Set(series.map((each) => modalityOf(each.attributes)))];
  return [
    row(STUDY_UID, uid),
    row(SERIES_COUNT, String(series.length)),
    row('identifier', `urn:oid:${uid}`, DICOM_UID),
    ...(accession === undefined ? [] : [row('identifier', accession, 'urn:vesalius:accession-number')]),
    row('status', 'available'),
    row('patient', `Patient/${patient}`),
    row('subject', `Patient/${patient}`),
    ...dates('started', content.started),
    ...modalities.map((code) => row('modality', code, DCM)),
    ...series.map((each) => row('series', each.uid)),
  ];
}

interface PatientParts {
  readonly identifier?: readonly { readonly system: string; readonly value: string }[];
  readonly name?: readonly Readonly<Record<'family', string> & Record<'given' | 'prefix' | 'suffix', string[]>>[];
  readonly gender?: string;
  readonly birthDate?: string;
}

/** What a Patient of the archive is found by. */
export function patientValues(patient: FhirResource): SearchValue[] {
  const { identifier = [], name = [], gender, birthDate } = patient as PatientParts;
  const words = (code: string, texts: readonly string[]) => texts.flatMap((text) => stringRows(code, text));
  return [
    ...identifier.map(({ value, system }) => row('identifier', value, system)),
    ...name.flatMap(({ family, given = [], prefix = [], suffix = [] }) => {
      const families = family === undefined ? [] : [family];
      return [
        ...words('name', [...families, ...given, ...prefix, ...suffix]),
        ...words('family', families),
        ...words('given', given),
      ];
    }),
    ...(gender === undefined ? [] : [row('gender', gender)]),
    ...dates('birthdate', birthDate),
  ];
}

function stringRows(code: string, text: string): SearchValue[] {
  const words = [searchText(text), ...searchText(text).split(/[\s,]+/)];
  return [...new Set(words)].filter(Boolean).map((word) => row(code, word, text));
}

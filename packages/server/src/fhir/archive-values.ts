import { DICOM_UID, type FhirResource, modalityOf, type StudyContent, textOf } from '@vesalius/fhir';
import { instantsOf } from './instants.ts';
import { type SearchValue, searchText } from './search-text.ts';
import { sortableNumber } from './sortable-number.ts';

/** Codes of the server's own: the Study Instance UID, and how many series the other values were made of. */
export const STUDY_UID = '@study';
export const SERIES_COUNT = '@series-count';
/** The SOP Instance UID of the report or segmentation that a resource was made of. */
export const INSTANCE_UID = '@instance';

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

interface Concept {
  readonly coding?: readonly { readonly system: string; readonly code?: string }[];
}
interface Reference {
  readonly reference?: string;
}
interface ResultParts {
  readonly status?: string;
  readonly code?: Concept;
  readonly category?: readonly Concept[];
  readonly identifier?: readonly { readonly system: string; readonly value: string }[];
  readonly subject?: Reference;
  readonly effectiveDateTime?: string;
  readonly result?: readonly Reference[];
  readonly derivedFrom?: readonly Reference[];
  readonly device?: Reference;
  readonly valueQuantity?: { readonly value: number; readonly system?: string; readonly code?: string };
  readonly valueCodeableConcept?: Concept;
  readonly target?: readonly Reference[];
  readonly recorded?: string;
  readonly agent?: readonly { readonly who: Reference }[];
}

/** What a report, its observations, its devices and its provenance are found by. */
export function resultValues(resource: FhirResource, sopInstanceUid: string): SearchValue[] {
  const parts = resource as ResultParts;
  const references = (code: string, of: readonly (Reference | undefined)[] = []) =>
    of.flatMap((each) => (each?.reference === undefined ? [] : [row(code, each.reference)]));
  const codings = (code: string, of: Concept | undefined) =>
    (of?.coding ?? []).map((each) => row(code, each.code ?? '', each.system));
  return [
    row(INSTANCE_UID, sopInstanceUid),
    ...(parts.status === undefined ? [] : [row('status', parts.status)]),
    ...codings('code', parts.code),
    ...(parts.category ?? []).flatMap((each) => codings('category', each)),
    ...(parts.identifier ?? []).map(({ system, value }) => row('identifier', value, system)),
    ...references('subject', [parts.subject]),
    ...references('patient', resource.resourceType === 'Provenance' ? [] : [parts.subject]),
    ...dates('date', parts.effectiveDateTime),
    ...dates('recorded', parts.recorded),
    ...references('result', parts.result),
    ...references('derived-from', parts.derivedFrom),
    ...references('device', [parts.device]),
    ...references('target', parts.target),
    ...references(
      'agent',
      parts.agent?.map(({ who }) => who),
    ),
    ...codings('value-concept', parts.valueCodeableConcept),
    ...quantities(parts.valueQuantity),
  ];
}

function quantities(quantity: ResultParts['valueQuantity']): SearchValue[] {
  if (quantity === undefined) return [];
  const at = sortableNumber(quantity.value);
  return [{ ...row('value-quantity', quantity.code ?? '', quantity.system ?? ''), low: at, high: at }];
}

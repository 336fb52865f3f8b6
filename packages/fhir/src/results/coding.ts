import type { Code } from '@vesalius/dicom';

/** DICOM's designators of coding schemes as FHIR's systems: PS3.16 8, FHIR R4 4.3.0. */
const SYSTEMS: Readonly<Record<string, string>> = {
  SCT: 'http://snomed.info/sct',
  DCM: 'http://dicom.nema.org/resources/ontology/DCM',
  LN: 'http://loinc.org',
  UCUM: 'http://unitsofmeasure.org',
  RADLEX: 'http://www.radlex.org',
};

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display: string;
}

export function codingOf({ value, scheme, meaning }: Code): Coding {
  return {
    system: SYSTEMS[scheme] ?? `urn:vesalius:coding-scheme:${encodeURIComponent(scheme)}`,
    code: value,
    display: meaning,
  };
}

export const concept = (code: Code) => ({ coding: [codingOf(code)], text: code.meaning });

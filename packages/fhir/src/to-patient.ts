import type { DicomJson, JsonName } from '@vesalius/dicom';
import { fhirDate, nameOf, textOf } from './dicom-values.ts';
import type { FhirResource } from './fhir-resource.ts';
import { resourceId } from './resource-id.ts';

const GENDERS: Readonly<Record<string, string>> = { M: 'male', F: 'female', O: 'other' };
const IDENTIFIER_TYPE = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const REPRESENTATION = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';

/** Whose the images are: patients of different projects are different ones; images without PatientID have a patient for each study. */
export function patientId(project: string, attributes: DicomJson): string {
  const id = textOf(attributes, '00100020');
  if (id === undefined) return resourceId('patient of study', project, textOf(attributes, '0020000D') ?? '');
  return resourceId('patient', project, textOf(attributes, '00100021') ?? '', id);
}

/**
 * The Patient of a study's attributes.
 *
 * @source DICOM PS3.3 C.7.1.1, FHIR R4 Patient
 */
export function toPatient(project: string, attributes: DicomJson): FhirResource {
  const value = textOf(attributes, '00100020');
  const issuer = textOf(attributes, '00100021');
  const birthDate = fhirDate(textOf(attributes, '00100030'));
  const sex = textOf(attributes, '00100040');
  const name = humanNames(nameOf(attributes, '00100010'));
  return {
    resourceType: 'Patient',
    id: patientId(project, attributes),
    ...(value !== undefined && { identifier: [identifierOf(value, issuer)] }),
    ...(name.length > 0 && { name }),
    ...(sex !== undefined && { gender: GENDERS[sex.toUpperCase()] ?? 'unknown' }),
    ...(birthDate !== undefined && { birthDate }),
  };
}

/** Patients' ids have no system of their own in DICOM. */
function identifierOf(value: string, issuer: string | undefined) {
  const system = `urn:vesalius:patient-id${issuer === undefined ? '' : `:${encodeURIComponent(issuer)}`}`;
  return { type: { coding: [{ system: IDENTIFIER_TYPE, code: 'MR' }] }, system, value };
}

/** A HumanName for each group of a person name: letters, ideograms, sounds. */
export function humanNames(name: JsonName): object[] {
  const groups = [
    ['ABC', name.Alphabetic],
    ['IDE', name.Ideographic],
    ['SYL', name.Phonetic],
  ] as const;
  return groups.flatMap(([code, group]) => {
    const [family, given, middle, prefix, suffix] = (group ?? '').split('^').map((part) => part.trim());
    const givens = [given, middle].flatMap((part) => (part ?? '').split(' ')).filter((part) => part !== '');
    const words = [family, ...givens, prefix, suffix].filter((part) => part !== undefined && part !== '');
    if (words.length === 0) return [];
    return [
      {
        ...(code !== 'ABC' && { extension: [{ url: REPRESENTATION, valueCode: code }] }),
        ...(family && { family }),
        ...(givens.length > 0 && { given: givens }),
        ...(prefix && { prefix: [prefix] }),
        ...(suffix && { suffix: [suffix] }),
      },
    ];
  });
}

import type { DicomJson, MeasurementReport } from '@vesalius/dicom';
import { textOf } from '../dicom-values.ts';
import { DICOM_UID, type FhirResource } from '../fhir-resource.ts';
import { resourceId } from '../resource-id.ts';
import { concept } from './coding.ts';
import { type DerivedObject, oid, subjectOf } from './derived-object.ts';
import { personName } from './to-observations.ts';

const RADIOLOGY = { system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'RAD' };
const REPORT = { value: '126000', scheme: 'DCM', meaning: 'Imaging Measurement Report' };

/** What a document says of itself: PS3.3 C.17.2; nobody vouches for what is unverified. */
export function statusOf(attributes: DicomJson): 'final' | 'partial' | 'preliminary' {
  if (textOf(attributes, '0040A491') === 'PARTIAL') return 'partial';
  return textOf(attributes, '0040A493') === 'VERIFIED' ? 'final' : 'preliminary';
}

/**
 * The DiagnosticReport of a structured report.
 *
 * @param results - the Observations made of it
 * @source DICOM PS3.3 C.17, FHIR R4 DiagnosticReport
 */
export function toDiagnosticReport(
  object: DerivedObject,
  report: MeasurementReport,
  results: readonly FhirResource[],
): FhirResource {
  const { subject, study, effective } = subjectOf(object);
  const people = report.observers.flatMap((each) => (each.kind === 'person' ? [personName(each.name)] : []));
  const verifiers = verifiersOf(object.attributes);
  return {
    resourceType: 'DiagnosticReport',
    id: resourceId('report', object.sopInstanceUid),
    identifier: [{ system: DICOM_UID, value: oid(object.sopInstanceUid) }],
    status: statusOf(object.attributes),
    category: [{ coding: [RADIOLOGY] }],
    code: concept(report.title ?? REPORT),
    subject,
    ...effective,
    ...(people.length > 0 && { performer: people.map((display) => ({ display })) }),
    ...(verifiers.length > 0 && { resultsInterpreter: verifiers.map((display) => ({ display })) }),
    ...(results.length > 0 && { result: results.map(({ id }) => ({ reference: `Observation/${id}` })) }),
    imagingStudy: [study],
  };
}

/** VerifyingObserverSequence. */
export function verifiersOf(attributes: DicomJson): string[] {
  const items = (attributes['0040A073']?.Value ?? []) as DicomJson[];
  return items.flatMap((item) => {
    const name = (item['0040A075']?.Value?.[0] as { Alphabetic?: string } | undefined)?.Alphabetic;
    return name === undefined ? [] : [personName(name)];
  });
}

import type { DicomJson } from '@vesalius/dicom';
import { fhirDateTime, nameOf, textOf } from './dicom-values.ts';
import { DCM, DICOM_UID, type FhirResource } from './fhir-resource.ts';
import { resourceId } from './resource-id.ts';
import { humanNames } from './to-patient.ts';

/** What the archive knows of a study, its series and their instances. */
export interface StudyContent {
  readonly uid: string;
  /** Id of the Patient. */
  readonly patient: string;
  readonly attributes: DicomJson;
  readonly instanceCount: number;
  readonly series: readonly SeriesContent[];
  /** Id of the Endpoint it is fetched from. */
  readonly endpoint?: string;
}

export interface SeriesContent {
  readonly uid: string;
  readonly number: number | null;
  readonly attributes: DicomJson;
  readonly instanceCount: number;
  /** Left out where they would be too many for an answer. */
  readonly instances?: readonly { readonly uid: string; readonly classUid: string; readonly number: number | null }[];
}

export const studyId = (uid: string): string => resourceId('study', uid);

/**
 * The ImagingStudy of a study in the archive.
 *
 * @source DICOM PS3.3 C.7.2, C.7.3; FHIR R4 ImagingStudy
 */
export function toImagingStudy(study: StudyContent): FhirResource {
  const { attributes, uid, series } = study;
  const accession = textOf(attributes, '00080050');
  const started = fhirDateTime(
    textOf(attributes, '00080020'),
    textOf(attributes, '00080030'),
    textOf(attributes, '00080201'),
  );
  const description = textOf(attributes, '00081030');
  const referrer = displayOf(attributes, '00080090');
  const modalities = [...new Set(series.map((each) => modalityOf(each.attributes)))];
  return {
    resourceType: 'ImagingStudy',
    id: studyId(uid),
    identifier: [
      { system: DICOM_UID, value: `urn:oid:${uid}` },
      ...(accession === undefined
        ? []
        : [{ type: { coding: [ACCESSION] }, system: 'urn:vesalius:accession-number', value: accession }]),
    ],
    status: 'available',
    ...(modalities.length > 0 && { modality: modalities.map((code) => ({ system: DCM, code })) }),
    subject: { reference: `Patient/${study.patient}` },
    ...(started !== undefined && { started }),
    ...(referrer !== undefined && { referrer: { display: referrer } }),
    ...(study.endpoint !== undefined && { endpoint: [{ reference: `Endpoint/${study.endpoint}` }] }),
    numberOfSeries: series.length,
    numberOfInstances: study.instanceCount,
    ...(description !== undefined && { description }),
    ...(series.length > 0 && { series: series.map(toSeries) }),
  };
}

const ACCESSION = { system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' };

/** `OT` where a series does not say: FHIR demands one. */
export const modalityOf = (attributes: DicomJson): string => textOf(attributes, '00080060') ?? 'OT';

function toSeries({ uid, number, attributes, instanceCount, instances }: SeriesContent) {
  const description = textOf(attributes, '0008103E');
  const bodyPart = textOf(attributes, '00180015');
  const started = fhirDateTime(textOf(attributes, '00080021'), textOf(attributes, '00080031'));
  return {
    uid,
    ...(number !== null && number >= 0 && { number }),
    modality: { system: DCM, code: modalityOf(attributes) },
    ...(description !== undefined && { description }),
    numberOfInstances: instanceCount,
    ...(bodyPart !== undefined && { bodySite: { display: bodyPart } }),
    ...(started !== undefined && { started }),
    ...(instances !== undefined && instances.length > 0 && { instance: instances.map(toInstance) }),
  };
}

function toInstance({ uid, classUid, number }: NonNullable<SeriesContent['instances']>[number]) {
  return {
    uid,
    sopClass: { system: 'urn:ietf:rfc:3986', code: `urn:oid:${classUid}` },
    ...(number !== null && number >= 0 && { number }),
  };
}

function displayOf(attributes: DicomJson, tag: string): string | undefined {
  const [name] = humanNames(nameOf(attributes, tag)) as { family?: string; given?: string[]; prefix?: string[] }[];
  if (name === undefined) return undefined;
  return [...(name.prefix ?? []), ...(name.given ?? []), name.family].filter(Boolean).join(' ');
}

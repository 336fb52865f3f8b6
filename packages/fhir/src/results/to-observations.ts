import type { Evaluation, Measurement, MeasurementGroup, MeasurementReport, Observer } from '@vesalius/dicom';
import { DICOM_UID, type FhirResource } from '../fhir-resource.ts';
import { resourceId } from '../resource-id.ts';
import { codingOf, concept } from './coding.ts';
import { type DerivedObject, oid, subjectOf } from './derived-object.ts';
import { deviceId } from './to-device.ts';

const IMAGING = { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'imaging' };
const ABSENT = { system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' };

/** R5 has a resource for it; in R4 it is an extension of what was measured there. */
const IMAGING_SELECTION = 'urn:vesalius:imaging-selection';

/**
 * An Observation for each measurement and each evaluation of a report.
 *
 * @source DICOM PS3.16 TID 1500, 1411; HL7 "DICOM SR to FHIR resource mapping"
 */
export function toObservations(object: DerivedObject, report: MeasurementReport, status: string): FhirResource[] {
  return report.groups.flatMap((group, g) => {
    const all = [...(group.measurements ?? []).map(measured), ...(group.evaluations ?? []).map(evaluated)];
    return all.map((value, i) => ({
      resourceType: 'Observation',
      id: resourceId('observation', object.sopInstanceUid, String(g), String(i)),
      ...common(object, { report, group, status }),
      ...value,
    }));
  });
}

interface Context {
  readonly report: MeasurementReport;
  readonly group: MeasurementGroup;
  readonly status: string;
}

function common(object: DerivedObject, { report, group, status }: Context) {
  const { subject, study, effective } = subjectOf(object);
  const site = group.findingSites?.[0]?.site ?? group.finding;
  const selections = selectionsOf(object, group);
  return {
    ...(selections.length > 0 && { extension: selections }),
    ...(group.trackingUid !== '' && { identifier: [{ system: DICOM_UID, value: oid(group.trackingUid) }] }),
    status,
    category: [{ coding: [IMAGING] }],
    subject,
    ...effective,
    ...observedBy(object.project, report.observers),
    ...(site !== undefined && { bodySite: concept(site) }),
    ...(group.method !== undefined && { method: concept(group.method) }),
    derivedFrom: [study],
  };
}

function observedBy(project: string, observers: readonly Observer[]) {
  const people = observers.flatMap((each) => (each.kind === 'person' ? [{ display: personName(each.name) }] : []));
  const device = observers.find((each) => each.kind === 'device');
  return {
    ...(people.length > 0 && { performer: people }),
    ...(device?.kind === 'device' && { device: { reference: `Device/${deviceId(project, device.uid)}` } }),
  };
}

/** `Jones^Anna` as it is said. */
export const personName = (name: string): string => {
  const [family, given, middle, prefix, suffix] = (name.split('=')[0] ?? '').split('^').map((part) => part.trim());
  return [prefix, given, middle, family, suffix].filter(Boolean).join(' ');
};

function measured({ name, value, unit, qualifier }: Measurement) {
  const coding = unit && codingOf(unit);
  return {
    code: concept(name),
    ...(value === undefined
      ? { dataAbsentReason: { coding: [qualifier ? codingOf(qualifier) : ABSENT] } }
      : {
          valueQuantity: { value, ...(coding && { unit: coding.display, system: coding.system, code: coding.code }) },
        }),
  };
}

function evaluated({ name, value }: Evaluation) {
  return {
    code: concept(name),
    ...(typeof value === 'string' ? { valueString: value } : { valueCodeableConcept: concept(value) }),
  };
}

function selectionsOf({ studyInstanceUid }: DerivedObject, { regions = [] }: MeasurementGroup) {
  return regions.flatMap((region) => {
    if (region.kind === 'patient') return [];
    const { sopClassUid, sopInstanceUid, frames, segments } = region.kind === 'segment' ? region.segment : region.image;
    const part = (url: string, value: object) => ({ url, ...value });
    return [
      {
        url: IMAGING_SELECTION,
        extension: [
          part('studyUid', { valueOid: oid(studyInstanceUid) }),
          part('instance', { valueOid: oid(sopInstanceUid) }),
          part('sopClass', { valueOid: oid(sopClassUid) }),
          ...(frames ?? []).map((frame) => part('frame', { valuePositiveInt: frame })),
          ...(segments ?? []).map((segment) => part('segment', { valuePositiveInt: segment })),
        ],
      },
    ];
  });
}

import { DICOM_UID, type FhirResource } from '../fhir-resource.ts';
import { resourceId } from '../resource-id.ts';
import { type DerivedObject, oid, subjectOf } from './derived-object.ts';

const AGENT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';
const CREATE = { system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'CREATE' };

/** Who had a part in it. */
export interface Agent {
  readonly role: 'author' | 'verifier' | 'assembler';
  readonly who: { readonly display: string } | { readonly reference: string };
}

/**
 * Where a derived object, and what was made of it, comes from.
 *
 * @param targets - resources made of the object; the study itself where there are none
 * @source FHIR R4 Provenance
 */
export function toProvenance(
  object: DerivedObject,
  targets: readonly FhirResource[],
  agents: readonly Agent[],
): FhirResource {
  const { study } = subjectOf(object);
  const known = agents.length > 0 ? agents : [{ role: 'author', who: { display: 'unknown' } } as const];
  return {
    resourceType: 'Provenance',
    id: resourceId('provenance', object.sopInstanceUid),
    target:
      targets.length > 0 ? targets.map(({ resourceType, id }) => ({ reference: `${resourceType}/${id}` })) : [study],
    recorded: object.storedAt,
    activity: { coding: [CREATE] },
    agent: known.map(({ role, who }) => ({ type: { coding: [{ system: AGENT, code: role }] }, who })),
    entity: [
      { role: 'source', what: study },
      { role: 'derivation', what: { identifier: { system: DICOM_UID, value: oid(object.sopInstanceUid) } } },
    ],
  };
}

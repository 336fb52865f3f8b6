import type { Permission } from '@vesalius/api';
import type { FhirScope } from '../http/principal.ts';

/** What scopes of SMART App Launch 2.2 (and the words of version 1) come to here. */
export interface UnderstoodScopes {
  /** As granted: those that were understood. */
  readonly granted: readonly string[];
  readonly permissions: readonly Permission[];
  readonly fhirScopes: readonly FhirScope[];
  /** A patient must be chosen. */
  readonly wantsPatient: boolean;
}

const SHAPE = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)$/;
const WORDS: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** @param patient - id of the patient whose compartment `patient/…` scopes open */
export function understandScopes(scopes: readonly string[], patient?: string): UnderstoodScopes {
  const granted: string[] = [];
  const fhirScopes: FhirScope[] = [];
  for (const scope of new Set(scopes)) {
    const [, context, resource = '', interactions = ''] = SHAPE.exec(scope) ?? [];
    if (scope === 'launch/patient') granted.push(scope);
    if (context === undefined || interactions === '') continue;
    granted.push(scope);
    const letters = WORDS[interactions] ?? interactions;
    // Without a patient a `patient/…` scope opens nobody's compartment: no id is empty.
    fhirScopes.push({ resource, interactions: letters, ...(context === 'patient' && { patient: patient ?? '' }) });
  }
  return {
    granted,
    fhirScopes,
    permissions: permissionsOf(fhirScopes),
    wantsPatient: granted.some((scope) => scope.startsWith('patient/') || scope === 'launch/patient'),
  };
}

/** Images are given with the right to read every ImagingStudy; a patient's compartment does not open them. */
function permissionsOf(scopes: readonly FhirScope[]): Permission[] {
  const images = scopes.some(
    ({ resource, interactions, patient }) =>
      patient === undefined && (resource === '*' || resource === 'ImagingStudy') && /r.*s/.test(interactions),
  );
  const held: [Permission, boolean][] = [
    ['fhir.read', scopes.some(({ interactions }) => /[rs]/.test(interactions))],
    ['fhir.write', scopes.some(({ interactions }) => /[cud]/.test(interactions))],
    ['archive.read', images],
  ];
  return held.filter(([, holds]) => holds).map(([permission]) => permission);
}

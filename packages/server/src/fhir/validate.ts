import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import type { Definitions } from './definitions.ts';
import { FhirRefusal, issue } from './outcomes.ts';

/** Every fault of a resource by the base profiles of R4: structure, types, cardinality, unknown elements, required bindings. */
export function issuesOf({ core, fhir }: Definitions, resource: Resource): OperationOutcomeIssue[] {
  return [...structureIssues(core, resource), ...bindingIssues(fhir, resource)];
}

/** @throws FhirRefusal 400 for faults of structure, 422 for codes that a required binding does not have */
export function demandValid({ core, fhir }: Definitions, resource: Resource): void {
  const structure = structureIssues(core, resource);
  if (structure.length > 0) throw new FhirRefusal('bad-request', structure);
  const bindings = bindingIssues(fhir, resource);
  if (bindings.length > 0) throw new FhirRefusal('business-rule', bindings);
}

function structureIssues(core: Definitions['core'], resource: Resource): OperationOutcomeIssue[] {
  try {
    core.validateResource(resource);
    return [];
  } catch (error) {
    if (error instanceof core.OperationOutcomeError) return error.outcome.issue ?? [];
    return [issue('structure', 'the resource cannot be understood')];
  }
}

function bindingIssues(fhir: Definitions['fhir'], resource: Resource): OperationOutcomeIssue[] {
  const { messages } = fhir.validate(resource, { errorOnUnexpected: true });
  return messages
    .filter(({ severity }) => severity === 'error' || severity === 'fatal')
    .map(({ message, location }) => issue('code-invalid', message ?? 'not valid', location));
}

import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import type { Definitions } from './definitions.ts';
import { FhirRefusal, issue } from './outcomes.ts';

/** Every fault of a resource by the base profiles of R4: structure, types, cardinality, unknown elements, required bindings. */
export function issuesOf({ core, fhir }: Definitions, resource: Resource): OperationOutcomeIssue[] {
  return [...structureIssues(core, resource), ...bindingIssues(fhir, resource)];
}

/** @throws FhirRefusal 400: FHIR R4 3.1.0.8, basic rules of validation */
export function demandValid({ core, fhir }: Definitions, resource: Resource): void {
  const structure = structureIssues(core, resource);
  const issues = structure.length > 0 ? structure : bindingIssues(fhir, resource);
  if (issues.length > 0) throw new FhirRefusal('bad-request', issues);
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
    .map(({ message, location }) => issue('code-invalid', withoutValue(message), location));
}

/** What was sent is not sent back: it may be a patient's. */
function withoutValue(message = 'not valid'): string {
  return message.replaceAll(/"[^"]*"/g, 'given');
}

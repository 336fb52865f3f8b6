import type { SearchRequest } from '@medplum/core';
import type { Bundle, OperationOutcome, Parameters, Resource } from '@medplum/fhirtypes';
import type { Definitions } from './definitions.ts';
import { FhirRefusal, issue, outcomeOf } from './outcomes.ts';
import type { Repository } from './repository.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import { issuesOf } from './validate.ts';

/** `$validate`: every fault, or that there is none. */
export function validated(definitions: Definitions, type: string, body: unknown): OperationOutcome {
  const asked = body as Resource | undefined;
  const resource =
    asked?.resourceType === 'Parameters'
      ? (asked as Parameters).parameter?.find(({ name }) => name === 'resource')?.resource
      : asked;
  if (resource?.resourceType !== type)
    throw new FhirRefusal('bad-request', [issue('structure', `a ${type} is wanted`)]);
  const issues = issuesOf(definitions, resource);
  if (issues.length > 0) return outcomeOf(issues);
  return outcomeOf([{ severity: 'information', code: 'informational', details: { text: 'valid' } }]);
}

/** `Patient/{id}/$everything`: the patient and what refers to it. */
export async function everything(repository: Repository, id: string): Promise<Bundle> {
  const patient = await repository.readResource('Patient', id);
  const resources: Resource[] = [patient];
  const { core } = repository.context.definitions;
  for (const type of RESOURCE_TYPES) {
    const code = ['patient', 'subject'].find((each) => core.getSearchParameter(type, each)?.type === 'reference');
    if (code === undefined || type === 'AuditEvent') continue;
    const filters = [{ code, operator: core.Operator.EQUALS, value: `Patient/${id}` }];
    const request: SearchRequest = { resourceType: type, filters, count: 1000 };
    resources.push(...(await repository.searchResources(request)));
  }
  const entry = resources.map((resource) => ({
    fullUrl: `${repository.context.base}/${resource.resourceType}/${resource.id}`,
    resource,
  }));
  return { resourceType: 'Bundle', type: 'searchset', total: entry.length, entry };
}

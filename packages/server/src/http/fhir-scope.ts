import type { FastifyRequest } from 'fastify';
import type { FhirScope } from './principal.ts';
import { Refusal } from './refusal.ts';

/** How a request reaches beyond the type in its address: other types joined, other types' values asked for. */
const REACHES_FURTHER = /^_(include|revinclude|has|graphql|query|filter|contained|list)\b|\./;

/**
 * Keeps an app of SMART on FHIR to its scopes, judged by method and address alone. What reaches further than its own type (joins, chains,
 * batches, operations, GraphQL) needs a scope for all types; of a patient's compartment only the patient and searches by it are given.
 *
 * @throws Refusal NOT_ALLOWED
 */
export function demandFhirScope(request: FastifyRequest, scopes: readonly FhirScope[]): void {
  const [path = '', query = ''] = request.url.split('?', 2);
  const segments = path
    .split('/')
    .filter((each) => each !== '')
    .map(decoded);
  const at = segments.indexOf('fhir');
  if (at === -1 && !request.routeOptions.url?.includes('fhir')) return;
  const [type = '', id, ...rest] = at === -1 ? [] : segments.slice(at + 1);
  if (type === 'metadata' || type === '.well-known') return;
  const parameters = new URLSearchParams(query);
  const asked = { type, id, parameters, interaction: interactionOf(request.method, type, id) };
  const further = [...parameters.keys()].some((key) => REACHES_FURTHER.test(key));
  const plain =
    /^[A-Z][A-Za-z]+$/.test(type) && !further && !id?.match(/^[$_]/) && (rest.length === 0 || rest[0] === '_history');
  if (scopes.some((scope) => (plain ? covers(scope, asked) : isWhole(scope)))) return;
  throw new Refusal('NOT_ALLOWED', { what: 'scope of the app', expected: `${type}.${asked.interaction}` });
}

interface Asked {
  readonly type: string;
  readonly id: string | undefined;
  readonly parameters: URLSearchParams;
  readonly interaction: string;
}

function interactionOf(method: string, type: string, id: string | undefined): string {
  if (type === '') return 'cruds';
  if (method === 'GET' || method === 'HEAD') return id === undefined ? 's' : 'r';
  if (method === 'POST') return id === '_search' ? 's' : 'c';
  return method === 'DELETE' ? 'd' : 'u';
}

function covers({ resource, interactions, patient }: FhirScope, { type, id, parameters, interaction }: Asked): boolean {
  if ((resource !== '*' && resource !== type) || !interactions.includes(interaction)) return false;
  if (patient === undefined) return true;
  if (interaction === 'r') return type === 'Patient' && id === patient;
  if (interaction !== 's') return false;
  const keys = type === 'Patient' ? ['_id'] : ['patient', 'subject'];
  return keys.some((key) =>
    parameters.getAll(key).some((value) => value === patient || value === `Patient/${patient}`),
  );
}

function isWhole({ resource, interactions, patient }: FhirScope): boolean {
  return resource === '*' && interactions === 'cruds' && patient === undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

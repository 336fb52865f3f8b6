import { type BadRequest, type Demand, overHttp } from './bad-request.ts';

const JSON_TYPE = 'application/fhir+json';
const outcome = (status: number): Demand => ({ status, body: 'outcome' });

/** A request on /fhir with a body. */
function send(
  name: string,
  status: number,
  {
    method = 'POST',
    path,
    body,
    headers = {},
  }: { method?: string; path: string; body: unknown; headers?: Record<string, string> },
): BadRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const request = { method, headers: { 'Content-Type': JSON_TYPE, ...headers }, body: text };
  return overHttp(`FHIR: ${name}`, `/fhir/${path}`, outcome(status), request);
}

const ask = (name: string, status: number, path: string, headers: Record<string, string> = {}) =>
  overHttp(`FHIR: ${name}`, `/fhir/${path}`, outcome(status), { headers });

const PATIENT = { resourceType: 'Patient', name: [{ family: 'Secret', given: ['Marker'] }] };

export const FHIR_REQUESTS: readonly BadRequest[] = [
  send('JSON that is none', 400, { path: 'Patient', body: '{"resourceType": "Secret' }),
  send('a list', 400, { path: 'Patient', body: [] }),
  send('a resource of another type', 400, { path: 'Patient', body: { resourceType: 'Device' } }),
  send('a type that is none', 404, { path: 'Secret', body: { resourceType: 'Secret' } }),
  send('an element that is none', 400, { path: 'Patient', body: { ...PATIENT, shoeSize: 43 } }),
  send('a code outside of a required binding', 400, { path: 'Patient', body: { ...PATIENT, gender: 'Secret' } }),
  send('a date that is none', 400, { path: 'Patient', body: { ...PATIENT, birthDate: 'Secret' } }),
  send('a missing required element', 400, {
    path: 'Observation',
    body: { resourceType: 'Observation', code: { text: 'x' } },
  }),
  send('a text for a boolean', 400, { path: 'Patient', body: { ...PATIENT, active: 'yes' } }),
  send('an update of another id', 400, { method: 'PUT', path: 'Patient/one', body: { ...PATIENT, id: 'two' } }),
  send('a bundle that is no transaction', 400, {
    path: '',
    body: { resourceType: 'Bundle', type: 'collection', entry: [] },
  }),
  send('plain text', 415, { path: 'Patient', body: 'Secret', headers: { 'Content-Type': 'text/plain' } }),
  ask('a resource that is not there', 404, 'Patient/00000000-0000-4000-8000-000000000000'),
  ask('a type that is none', 404, 'Nothing/1'),
  ask('a search parameter that is none', 400, 'Patient?nothing=Secret'),
  ask('a date of a search that is none', 400, 'Patient?birthdate=Secret'),
  ask('a number of results that is none', 400, 'Patient?_count=Secret'),
  ask('a form that cannot be given', 406, 'Patient', { Accept: 'text/html' }),
];

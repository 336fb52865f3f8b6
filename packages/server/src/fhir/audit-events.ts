import type { AuditEvent, Bundle, Resource } from '@medplum/fhirtypes';
import { toFhirAuditEvent } from '../audit/to-fhir-audit-event.ts';
import type { FhirCall } from './answer.ts';
import { badSearch, forbidden, notAllowed, notFound } from './outcomes.ts';

interface Asked {
  readonly id: string;
  readonly query: URLSearchParams;
}

/** Parameters of a search and the fields of the log they ask for. */
const FIELDS: Readonly<Record<string, 'action' | 'principal' | 'entity'>> = {
  subtype: 'action',
  'agent-identifier': 'principal',
  'entity-identifier': 'entity',
};
const DEFAULT_COUNT = 100;

/** AuditEvent is the audit log, for who may read that; newest first. */
export async function answerAuditEvents({ services, request }: FhirCall, { id, query }: Asked): Promise<Resource> {
  if (request.method !== 'GET') throw notAllowed('audit events are only read');
  if (request.principal.accessFor('audit.read').projects !== 'all') throw forbidden('the audit log may not be read');
  if (id !== '') return oneEvent(services.audit, id);
  const filter: Record<string, string | number> = { limit: DEFAULT_COUNT };
  for (const [key, value] of query) {
    const field = FIELDS[key];
    if (field) filter[field] = value.replace(/^.*\|/, '');
    else if (key === '_count') filter.limit = Math.min(Number(value) || DEFAULT_COUNT, 1000);
    else if (key === 'date' && /^(ge|le)\d/.test(value))
      filter[value.startsWith('ge') ? 'from' : 'to'] = value.slice(2);
    else if (key === '_before') filter.before = Number(value);
    else throw badSearch(`AuditEvent has no search parameter ${key.slice(0, 64)} here`);
  }
  const events = await services.audit.find(filter);
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    entry: events.map((event) => ({ resource: asResource(event), search: { mode: 'match' } })),
  } as Bundle;
}

type Log = FhirCall['services']['audit'];

async function oneEvent(audit: Log, id: string): Promise<AuditEvent> {
  const [event] = /^\d{1,15}$/.test(id) ? await audit.find({ before: Number(id) + 1, limit: 1 }) : [];
  if (event === undefined || String(event.sequence) !== id) throw notFound();
  return asResource(event);
}

const asResource = (event: Parameters<typeof toFhirAuditEvent>[0]) => toFhirAuditEvent(event) as unknown as AuditEvent;

import { createHmac } from 'node:crypto';
import type { Subscription } from '@medplum/fhirtypes';
import { VesaliusError } from '@vesalius/errors';
import { safeFetch } from '../http/safe-fetch.ts';
import type { Services } from '../services.ts';
import type { ArchiveListener } from '../store/archive.ts';
import type { FhirTables } from './tables.ts';

/** A resource that was written, and the Subscription that may want to know. */
interface Notice {
  readonly subscription: string;
  readonly key: string;
}

export interface Change {
  readonly project: string;
  /** `Type/id` */
  readonly key: string;
}

const KIND = 'fhir-notification';
const ATTEMPTS = 5;
/** Of an extension of the channel: what the body is signed with. */
const SECRET = 'urn:vesalius:subscription-secret';

/** Has a job for each Subscription whose criteria may fit what was written. */
export async function notify({ database, jobs, log }: Services, changes: readonly Change[]): Promise<void> {
  for (const { project, key } of changes) {
    const type = key.split('/')[0] ?? '';
    const wanted = await database
      .tables<FhirTables>()
      .selectFrom('fhir_value as s')
      .innerJoin('fhir_value as c', 'c.key', 's.key')
      .innerJoin('fhir_resource as r', 'r.key', 's.key')
      .select('s.key')
      .where('s.type', '=', 'Subscription')
      .where('s.code', '=', 'status')
      .where('s.value', '=', 'active')
      .where('c.code', '=', 'criteria')
      .where('r.project', '=', project)
      .where((eb) => eb.or([eb('c.value', '=', type.toLowerCase()), eb('c.value', 'like', `${type.toLowerCase()}?%`)]))
      .distinct()
      .execute();
    for (const { key: subscription } of wanted)
      await jobs.enqueue({ kind: KIND, input: { subscription, key } satisfies Notice, project, principal: 'vesalius' });
    if (wanted.length > 0) log.info({ type, subscriptions: wanted.length }, 'subscriptions told');
  }
}

/** Studies of the archive, told of once the transaction is over: within it nothing else may be asked of the database. */
export const notifyOfStudies =
  (services: Services, keyOf: (study: string) => string): ArchiveListener =>
  async (_transaction, changes) => {
    const stored = changes.filter(({ kind }) => kind === 'stored').map(({ instance }) => instance);
    const studies = new Map(stored.map(({ studyInstanceUid, project }) => [studyInstanceUid, project]));
    if (studies.size === 0) return;
    const told = [...studies].map(([study, project]) => ({ project, key: keyOf(study) }));
    setImmediate(() => void notify(services, told).catch(() => services.log.error('subscriptions were not told')));
  };

/** How notifications are delivered: rest-hooks, tried again when they fail. */
export function registerNotifications(services: Services): void {
  services.jobs.register<Notice>(
    KIND,
    async ({ input, project, signal }) => {
      const { openRepository } = await import('./open-repository.ts');
      const repository = await openRepository(services, { projects: [project] });
      const id = input.subscription.split('/')[1] ?? '';
      const [type = '', resourceId = ''] = input.key.split('/');
      const subscription = await repository.readResource<Subscription>('Subscription', id).catch(() => undefined);
      if (subscription?.status !== 'active' || subscription.channel.type !== 'rest-hook') return { delivered: false };
      const { core } = repository.context.definitions;
      const criteria = core.parseSearchRequest(subscription.criteria);
      const only = { code: '_id', operator: core.Operator.EQUALS, value: resourceId };
      if (criteria.resourceType !== type) return { delivered: false };
      const fitting = await repository.search({ ...criteria, filters: [...(criteria.filters ?? []), only], count: 1 });
      const resource = fitting.entry?.[0]?.resource;
      if (resource === undefined) return { delivered: false };
      await deliver(subscription, JSON.stringify(resource), { services, signal });
      return { delivered: true };
    },
    { attempts: ATTEMPTS },
  );
}

interface Delivery {
  readonly services: Services;
  readonly signal: AbortSignal;
}

async function deliver({ channel }: Subscription, content: string, { services, signal }: Delivery): Promise<void> {
  // Without a payload only the fact is told: FHIR R4 Subscription.channel.payload.
  const body = channel.payload === undefined ? '' : content;
  const secret = channel.extension?.find(({ url }) => url === SECRET)?.valueString;
  const own = (channel.header ?? []).flatMap((line) => {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value] as const];
  });
  const signature =
    secret === undefined ? {} : { 'x-signature': createHmac('sha256', secret).update(body).digest('hex') };
  const headers = { ...Object.fromEntries(own), 'content-type': 'application/fhir+json', ...signature };
  const { allowedTargets } = services.settings;
  const answer = await safeFetch(channel.endpoint ?? '', { method: 'POST', headers, body, allowedTargets, signal });
  await answer.body?.cancel();
  if (!answer.ok)
    throw new VesaliusError('PEER_UNREACHABLE', { what: 'rest-hook did not take it', got: answer.status });
}

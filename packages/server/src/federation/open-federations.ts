import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import type { FastifyBaseLogger } from 'fastify';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Settings } from '../settings.ts';
import type { Database } from '../store/database.ts';
import type { KeyAndCertificate } from './certificates/authority.ts';
import { sealedFiles } from './certificates/sealed-file.ts';
import { type Coordinator, openCoordinator } from './coordinator/coordinator.ts';
import { createFederation } from './coordinator/create-federation.ts';
import { describeFederation } from './describe-federation.ts';
import type { Federations } from './federations.ts';
import { Sites } from './site/sites.ts';
import type { FederationRow, FederationTables } from './tables.ts';
import { FederationWorker } from './worker.ts';

interface Options {
  readonly settings: Settings;
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly log: FastifyBaseLogger;
}

/** Opens both roles: listens where the settings give a port, and goes on with what this server is a site of. */
export async function openFederations({ settings, database, audit, log }: Options): Promise<Federations> {
  const tables = database.tables<FederationTables>();
  const folder = join(settings.dataFolder, 'federation');
  const files = sealedFiles(settings.federation.secret);
  const worker = new FederationWorker(settings.program);
  const { port, host = settings.host, messageBytes } = settings.federation;
  const shared = { tables, files, folder, worker, audit, log };
  const coordinator =
    port === undefined ? undefined : await openCoordinator({ ...shared, settings: { ...settings.federation, host } });
  const certificateFile = (id: string) => join(folder, id, 'certificate.json');
  const sites = new Sites({
    ...{ ...shared, messageBytes },
    keepCertificate: (id, own) => files.write(certificateFile(id), Buffer.from(JSON.stringify(own))),
    readCertificate: async (id): Promise<KeyAndCertificate> => {
      const bytes = await files.read(certificateFile(id));
      if (bytes) return JSON.parse(Buffer.from(bytes).toString());
      throw new VesaliusError('FILE_NOT_FOUND', { what: 'certificate of this site', file: certificateFile(id) });
    },
  });
  await sites.begin();
  const rows = () => tables.selectFrom('federation').selectAll();
  return {
    ...actions({ tables, audit, coordinator, sites }),
    url: coordinator?.url,
    list: async () => {
      const all = await rows().orderBy('created_at', 'desc').execute();
      return Promise.all(all.map((row) => describeFederation(tables, row)));
    },
    get: async (id) => {
      const row = await rows().where('id', '=', id).executeTakeFirst();
      return row && describeFederation(tables, row);
    },
    create: async (request, principal) => {
      const id = await createFederation(shared, needed(coordinator), request);
      await note(audit, { action: 'created', id, principal });
      return describeFederation(tables, await rows().where('id', '=', id).executeTakeFirstOrThrow());
    },
    close: async () => {
      worker.close();
      await sites.close();
      await coordinator?.close();
    },
  };
}

interface ActionParts extends Pick<Options, 'audit'> {
  readonly tables: ReturnType<typeof tablesOf>;
  readonly coordinator: Coordinator | undefined;
  readonly sites: Sites;
}

type Actions = Omit<Federations, 'url' | 'list' | 'get' | 'create' | 'close'>;

const tablesOf = (database: Database) => database.tables<FederationTables>();

/** What people do with a federation that is there; each deed stands in the audit log. */
function actions({ tables, audit, coordinator, sites }: ActionParts): Actions {
  const rowOf = async (id: string): Promise<FederationRow> => {
    const found = await tables.selectFrom('federation').selectAll().where('id', '=', id).executeTakeFirst();
    if (found) return found;
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'federation', got: id, expected: 'one of this server' });
  };
  const set = (id: string, values: Partial<FederationRow>) =>
    tables.updateTable('federation').set(values).where('id', '=', id).execute();
  return {
    invite: (id, site, hours) => needed(coordinator).membership.invite(id, site, hours),
    join: async (request, principal) => {
      const id = await sites.join(request);
      await note(audit, { action: 'joined', id, principal });
      return describeFederation(tables, await rowOf(id));
    },
    approve: async (id, planHash, principal) => {
      const { plan_hash: expected, role, plan } = await rowOf(id);
      if (role !== 'site' || plan === '' || expected !== planHash)
        throw new VesaliusError('INVALID_ARGUMENT', { what: 'hash of the plan', got: planHash, expected });
      await set(id, { approved_plan: planHash });
      await note(audit, { action: 'plan approved', id, principal, detail: planHash });
    },
    start: async (id, principal) => {
      const { role } = await rowOf(id);
      await set(id, { state: role === 'site' ? 'waiting' : 'running', problem: null });
      await note(audit, { action: 'started', id, principal });
      if (role === 'coordinator') await needed(coordinator).rounds.advance(id);
    },
    pause: async (id, principal) => {
      await rowOf(id);
      await set(id, { state: 'paused' });
      await note(audit, { action: 'paused', id, principal });
    },
    changeSite: async (id, site, { action, principal }) => {
      const { membership, rounds, cutOff } = needed(coordinator);
      const fingerprints = await membership.change(id, site, action, principal);
      if (action === 'pause' || action === 'remove') await rounds.release(id, site);
      cutOff(fingerprints);
    },
    leave: async (id, principal) => {
      const { role } = await rowOf(id);
      if (role !== 'site')
        throw new VesaliusError('INVALID_ARGUMENT', {
          what: 'federation',
          got: id,
          expected: 'one whose site this is',
        });
      await sites.leave(id);
      await note(audit, { action: 'left', id, principal });
    },
    exchanges: async (id) => {
      const all = tables.selectFrom('federation_exchange').selectAll().where('federation', '=', id);
      const found = await all.orderBy('site').orderBy('sequence').execute();
      return found.map(({ site, sequence, round, update_hash: updateHash, bytes, hash, at }) => {
        return { site, sequence, round, updateHash, bytes: Number(bytes), hash, at };
      });
    },
  };
}

interface Deed {
  readonly action: string;
  readonly id: string;
  readonly principal: string;
  readonly detail?: string;
}

function note(audit: Pick<AuditLog, 'record'>, { action, id, principal, detail }: Deed): Promise<void> {
  const entities = [{ kind: 'federation', id }];
  const event = { action: `federation ${action}`, outcome: 'success', principal, from: 'vesalius', entities } as const;
  return audit.record(detail === undefined ? event : { ...event, detail });
}

function needed(coordinator: Coordinator | undefined): Coordinator {
  if (coordinator) return coordinator;
  const expected = 'serve --federation-port N, or federation.port in the settings';
  throw new VesaliusError('INVALID_ARGUMENT', { what: 'port for sites', got: 'none', expected });
}

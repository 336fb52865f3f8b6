import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConnectError } from '@connectrpc/connect';
import { VesaliusError } from '@vesalius/errors';
import { CommonModel } from '@vesalius/federated';
import type { FastifyBaseLogger } from 'fastify';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Settings } from '../settings.ts';
import type { Database } from '../store/database.ts';
import { type KeyAndCertificate, requestCertificate } from './certificates/authority.ts';
import { readInvitation } from './certificates/invitation.ts';
import { sealedFiles } from './certificates/sealed-file.ts';
import { type Coordinator, federationFolder, openCoordinator } from './coordinator/coordinator.ts';
import { describeFederation } from './describe-federation.ts';
import type { Federations } from './federations.ts';
import { weightsOfBytes } from './keep-weights.ts';
import { type FederationPlan, modelOptions, sha256 } from './plan.ts';
import { PROTOCOL } from './protocol-version.ts';
import { dial } from './site/dial.ts';
import { Site } from './site/site.ts';
import type { SiteParts, SiteSettings } from './site/site-parts.ts';
import type { FederationRow, FederationTables } from './tables.ts';
import { FederationWorker } from './worker.ts';

interface Options {
  readonly settings: Settings;
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly log: FastifyBaseLogger;
}

const CERTIFICATE_DAYS_MS = 90 * 86_400_000;

/** Opens both roles: listens where the settings give a port, and goes on with what this server is a site of. */
export async function openFederations({ settings, database, audit, log }: Options): Promise<Federations> {
  const tables = database.tables<FederationTables>();
  const folder = federationFolder(settings.dataFolder);
  const files = sealedFiles(settings.federation.secret);
  const worker = new FederationWorker(settings.program);
  const { port, host = settings.host, messageBytes } = settings.federation;
  const coordinator =
    port === undefined
      ? undefined
      : await openCoordinator({ tables, files, folder, audit, log, settings: { ...settings.federation, host } });
  const keepCertificate = (id: string, own: KeyAndCertificate) =>
    files.write(join(folder, id, 'certificate.json'), Buffer.from(JSON.stringify(own)));
  const readCertificate = async (id: string): Promise<KeyAndCertificate> => {
    const bytes = await files.read(join(folder, id, 'certificate.json'));
    if (!bytes) throw new VesaliusError('FILE_NOT_FOUND', { what: 'certificate of this site', file: id });
    return JSON.parse(Buffer.from(bytes).toString());
  };
  const parts: SiteParts = {
    tables,
    files,
    folder,
    worker,
    audit,
    log,
    messageBytes,
    keepCertificate,
    readCertificate,
  };
  const sites = new Map<string, Site>();
  const begin = (id: string) => {
    const site = new Site(parts, id);
    sites.set(id, site);
    site.begin();
  };
  const row = async (id: string): Promise<FederationRow> => {
    const found = await tables.selectFrom('federation').selectAll().where('id', '=', id).executeTakeFirst();
    if (!found)
      throw new VesaliusError('INVALID_ARGUMENT', { what: 'federation', got: id, expected: 'one of this server' });
    return found;
  };
  const set = (id: string, values: Partial<FederationRow>) =>
    tables.updateTable('federation').set(values).where('id', '=', id).execute();
  const note = (action: string, id: string, principal: string) =>
    audit.record({
      action: `federation ${action}`,
      outcome: 'success',
      principal,
      from: 'vesalius',
      entities: [{ kind: 'federation', id }],
    });
  const get = async (id: string) => {
    const found = await tables.selectFrom('federation').selectAll().where('id', '=', id).executeTakeFirst();
    return found && describeFederation(tables, found);
  };
  const needed = async (id: string) => describeFederation(tables, await row(id));
  for (const { id } of await tables.selectFrom('federation').select('id').where('role', '=', 'site').execute())
    begin(id);

  const federations: Federations = {
    url: coordinator?.url,
    get,
    list: async () => {
      const rows = await tables.selectFrom('federation').selectAll().orderBy('created_at', 'desc').execute();
      return Promise.all(rows.map((each) => describeFederation(tables, each)));
    },
    create: async ({ bundle, ...request }, principal) => {
      const { rounds } = needCoordinator(coordinator);
      const id = `${request.name}-${randomBytes(4).toString('hex')}`;
      const out = join(folder, id, 'first.safetensors');
      // The folder is made with its first file.
      await files.write(join(folder, id, 'created'), Buffer.from(new Date().toISOString()));
      const { layers } = await worker.call('first', { plan: request, out });
      const first = weightsOfBytes(new Uint8Array(await readFile(out)), out);
      await rm(out, { force: true });
      const weights = bundle === undefined ? first : await warmStart(resolve(bundle), first);
      const plan: FederationPlan = {
        ...request,
        layers,
        firstModel: sha256(JSON.stringify([...weights.values()].map((v) => sha256(new Uint8Array(v.buffer))))),
      };
      await rounds.begin(id, new CommonModel(modelOptions(plan), weights).kept());
      const text = JSON.stringify(plan);
      const state = {
        state: 'waiting' as const,
        approved_plan: null,
        round: 0,
        settings: '{}',
        problem: null,
        site: null,
      };
      const created = { id, name: request.name, role: 'coordinator' as const, created_at: new Date().toISOString() };
      await tables
        .insertInto('federation')
        .values({ ...created, ...state, plan: text, plan_hash: sha256(text) })
        .execute();
      await note('created', id, principal);
      return needed(id);
    },
    invite: async (id, site, hours) => {
      await row(id);
      return needCoordinator(coordinator).membership.invite(id, site, hours);
    },
    join: async ({ invitation: text, ...given }, principal) => {
      const { federation: id, site, url, secret, authority } = readInvitation(text);
      if (await get(id))
        throw new VesaliusError('INVALID_ARGUMENT', {
          what: 'federation',
          got: id,
          expected: 'one that this server is not part of',
        });
      const { key, request } = await requestCertificate(site);
      const dialled = dial({ url, authority, messageBytes });
      try {
        const asked = {
          version: PROTOCOL,
          federation: id,
          site,
          secret: Buffer.from(secret, 'base64'),
          certificateRequest: request,
        };
        const { certificate } = await dialled.client.join(asked).catch(refusedJoin);
        await keepCertificate(id, { key, certificate });
      } finally {
        dialled.close();
      }
      const certificateEnds = new Date(Date.now() + CERTIFICATE_DAYS_MS).toISOString();
      const kept: SiteSettings = { url, authority, certificateEnds, ...given, data: resolve(given.data) };
      const created = { id, name: site, role: 'site' as const, site, created_at: new Date().toISOString() };
      const state = {
        state: 'waiting' as const,
        approved_plan: null,
        round: 0,
        problem: null,
        plan: '',
        plan_hash: sha256(''),
      };
      await tables
        .insertInto('federation')
        .values({ ...created, ...state, settings: JSON.stringify(kept) })
        .execute();
      await note('joined', id, principal);
      begin(id);
      return needed(id);
    },
    approve: async (id, planHash, principal) => {
      const { plan_hash, role, plan } = await row(id);
      if (role !== 'site' || plan === '' || plan_hash !== planHash)
        throw new VesaliusError('INVALID_ARGUMENT', { what: 'hash of the plan', got: planHash, expected: plan_hash });
      await set(id, { approved_plan: planHash });
      await note(`plan approved ${planHash}`, id, principal);
    },
    start: async (id, principal) => {
      const { role } = await row(id);
      await set(id, { state: role === 'site' ? 'waiting' : 'running', problem: null });
      await note('started', id, principal);
      if (role === 'coordinator') await needCoordinator(coordinator).rounds.advance(id);
    },
    pause: async (id, principal) => {
      await row(id);
      await set(id, { state: 'paused' });
      await note('paused', id, principal);
    },
    changeSite: async (id, site, { action, principal }) => {
      const { membership, rounds, cutOff } = needCoordinator(coordinator);
      const fingerprints = await membership.change(id, site, action, principal);
      if (action === 'pause' || action === 'remove') await rounds.release(id, site);
      cutOff(fingerprints);
    },
    leave: async (id, principal) => {
      if ((await row(id)).role !== 'site')
        throw new VesaliusError('INVALID_ARGUMENT', {
          what: 'federation',
          got: id,
          expected: 'one whose site this server is',
        });
      await sites.get(id)?.close();
      sites.delete(id);
      await rm(join(folder, id), { recursive: true, force: true });
      // What was sent and spent stays: the auditor's and the ledger's.
      await tables.deleteFrom('federation').where('id', '=', id).execute();
      await note('left', id, principal);
    },
    exchanges: async (id) => {
      const rows = await tables
        .selectFrom('federation_exchange')
        .selectAll()
        .where('federation', '=', id)
        .orderBy('site')
        .orderBy('sequence')
        .execute();
      return rows.map(({ update_hash, bytes, federation: _, ...rest }) => ({
        ...rest,
        bytes: Number(bytes),
        updateHash: update_hash,
      }));
    },
    close: async () => {
      worker.close();
      await Promise.all([...sites.values()].map((site) => site.close()));
      await coordinator?.close();
    },
  };
  return federations;
}

function needCoordinator(coordinator: Coordinator | undefined): Coordinator {
  if (coordinator) return coordinator;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: 'port for sites',
    got: 'none',
    expected: 'serve --federation-port N, or federation.port in the settings',
  });
}

/** Weights of the same names and sizes replace those that were drawn. */
async function warmStart(file: string, first: Map<string, Float32Array>): Promise<Map<string, Float32Array>> {
  const given = weightsOfBytes(new Uint8Array(await readFile(file)), file);
  for (const [layer, values] of first) {
    const warm = given.get(layer);
    if (warm?.length !== values.length)
      throw new VesaliusError('CHECKPOINT_MISMATCH', { what: layer, got: warm?.length, expected: values.length, file });
  }
  return given;
}

function refusedJoin(error: unknown): never {
  const got = error instanceof ConnectError ? error.rawMessage : 'no answer';
  throw new VesaliusError('PEER_REFUSED', { what: 'joining', got, cause: error });
}

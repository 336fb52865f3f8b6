import type { FastifyBaseLogger } from 'fastify';
import type { Kysely } from 'kysely';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { Settings } from '../../settings.ts';
import { openAuthority } from '../certificates/authority.ts';
import type { SealedFiles } from '../certificates/sealed-file.ts';
import type { FederationTables } from '../tables.ts';
import { type FederationListener, listenForSites } from './listen.ts';
import { Membership } from './membership.ts';
import { ModelStore } from './model-store.ts';
import { RoundStore } from './round-store.ts';
import { Rounds } from './rounds.ts';
import { federationService } from './service.ts';
import { WireBytes } from './wire-bytes.ts';

interface CoordinatorOptions {
  readonly tables: Kysely<FederationTables>;
  readonly files: SealedFiles;
  readonly folder: string;
  readonly settings: NonNullable<Settings['federation']>;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly log: FastifyBaseLogger;
}

export interface Coordinator {
  readonly membership: Membership;
  readonly rounds: Rounds;
  readonly url: string;
  cutOff(fingerprints: readonly string[]): void;
  close(): Promise<void>;
}

const TICK_MS = 500;

/** Listens for sites and moves the rounds of all federations on. */
export async function openCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const { tables, files, folder, settings, audit, log } = options;
  const authority = await openAuthority(folder, files);
  let listener: FederationListener | undefined;
  const { host = '127.0.0.1', port = 0, publicUrl, messageBytes } = settings;
  const url = () => publicUrl ?? `https://${host.includes(':') ? `[${host}]` : host}:${listener?.port ?? port}`;
  const membership = new Membership({ tables, audit, authority, url });
  const rounds = new Rounds({
    store: new RoundStore(tables),
    models: new ModelStore(files, folder),
    failed: (federation, error) => log.error({ federation }, `a federation is paused: ${error}`),
  });
  const wire = new WireBytes(tables, membership);
  const own = await authority.issueServer();
  listener = await listenForSites({
    ...{ host, port, own, authority: authority.certificate, messageBytes, meter: wire },
    refused: (peer, what) => void membership.refused(peer, what).catch((error: unknown) => log.error(String(error))),
    routes: federationService({ tables, membership, rounds, audit, log }),
  });
  const tick = async () => {
    const running = await tables
      .selectFrom('federation')
      .select('id')
      .where('role', '=', 'coordinator')
      .where('state', '=', 'running')
      .execute();
    for (const { id } of running) await rounds.advance(id);
    await wire.write();
  };
  let ticking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    ticking = ticking.then(tick).catch((error: unknown) => log.error(String(error)));
  }, TICK_MS).unref();
  return {
    ...{ membership, rounds },
    url: url(),
    cutOff: (fingerprints) => {
      for (const fingerprint of fingerprints) listener?.cutOff(fingerprint);
    },
    close: async () => {
      clearInterval(timer);
      await listener?.close();
      await ticking;
      await wire.write();
    },
  };
}

import { readFile } from 'node:fs/promises';
import type { TlsOptions } from 'node:tls';
import {
  type Admission,
  type Association,
  AssociationServer,
  type DimseHandlers,
  type Proposer,
  STATUS,
  serveWith,
} from '@vesalius/dicom-network';
import { VesaliusError } from '@vesalius/errors';
import type { Services } from '../services.ts';
import { AuditTrail } from './audit-trail.ts';
import { admitCaller } from './caller.ts';
import { COMMITMENT_JOB, commit, reportLater } from './commitment.ts';
import { find } from './find.ts';
import { retrieve } from './retrieve.ts';
import { CONTEXT_RULES } from './services-spoken.ts';
import { Session } from './session.ts';
import { storeInstance } from './store-instance.ts';

/** A DIMSE port that is open. */
export interface RunningDimse {
  readonly port: number;
  /** Associations now open. */
  readonly associations: number;
  close(): Promise<void>;
}

const COMMITMENT_ATTEMPTS = 5;

/**
 * Opens the archive to DICOM peers: C-ECHO, C-STORE, C-FIND, C-MOVE, C-GET and storage commitment.
 *
 * @throws INVALID_ARGUMENT when the port cannot be listened on
 */
export async function startDimse(services: Services): Promise<RunningDimse> {
  const { settings, jobs } = services;
  const { port, aeTitle, tls } = settings.dimse;
  const sessions = new WeakMap<Association, Session>();
  const trail = new AuditTrail(services);
  jobs.register(
    COMMITMENT_JOB,
    ({ input }: { input: Parameters<typeof reportLater>[0] }) => reportLater(input, services),
    {
      attempts: COMMITMENT_ATTEMPTS,
    },
  );
  const running = new Set<Promise<void>>();
  const serve = serveWith(handlers(services, sessions));
  const server = new AssociationServer({
    port,
    host: settings.host,
    aeTitle,
    rules: CONTEXT_RULES,
    admit: (proposer) => admit(proposer, settings, trail),
    onAssociation: (association, proposer) => open(association, proposer, { services, sessions, trail }),
    onRequest: (request) => {
      const served = serve(request).finally(() => running.delete(served));
      running.add(served);
      return served;
    },
    ...(tls ? { tls: await tlsOptions(tls) } : {}),
  });
  const address = await server.listen();
  return {
    port: address.port,
    get associations() {
      return server.associations.size;
    },
    close: async () => {
      await server.close();
      // What had come in whole is stored, acknowledged or not; the database closes after it.
      await Promise.allSettled(running);
      await trail.settled();
    },
  };
}

function admit(proposer: Proposer, settings: Services['settings'], trail: AuditTrail): Admission {
  const caller = admitCaller(proposer, settings.dimse);
  if (typeof caller !== 'string') return {};
  const { callingAeTitle: principal, remoteAddress } = proposer;
  const from = `${principal}@${remoteAddress}`;
  trail.record({ action: 'refused', outcome: 'minor failure', principal, from, detail: 'association' });
  return caller;
}

interface Opening {
  readonly services: Services;
  readonly sessions: WeakMap<Association, Session>;
  readonly trail: AuditTrail;
}

function open(association: Association, proposer: Proposer, { services, sessions, trail }: Opening): void {
  const caller = admitCaller(proposer, services.settings.dimse);
  // The admission asked the same a moment ago.
  if (typeof caller === 'string') return;
  const session = new Session(caller, trail);
  sessions.set(association, session);
  session.record('signed-in', { detail: 'association' });
  void association.ended.then((error) => {
    session.end();
    if (error) services.log.info({ from: caller.from, code: error.code }, 'association broke');
  });
}

function handlers(services: Services, sessions: WeakMap<Association, Session>): DimseHandlers {
  const sessionOf = (association: Association): Session => {
    const session = sessions.get(association);
    if (session) return session;
    throw new VesaliusError('ASSOCIATION_ENDED', { what: 'association', got: 'no session' });
  };
  const { peers } = services.settings.dimse;
  return {
    onStore: (request) => storeInstance(request, sessionOf(request.association), services),
    onFind: (request) => find(request, sessionOf(request.association), services),
    onRetrieve: (request) => retrieve(request, sessionOf(request.association), services),
    destinationOf: (title) => peers.find(({ aeTitle }) => aeTitle === title),
    onAction: (request) => commit(request, sessionOf(request.association), services),
    onEventReport: async () => ({ status: STATUS.NO_SUCH_EVENT_TYPE }),
  };
}

type Tls = NonNullable<Services['settings']['dimse']['tls']>;

/** With an authority only peers with a certificate of it come in. */
async function tlsOptions({ certificate, key, authority }: Tls): Promise<TlsOptions> {
  const [cert, keyText, ca] = await Promise.all(
    [certificate, key, ...(authority ? [authority] : [])].map((path) => readFile(path)),
  );
  return {
    ...(cert ? { cert } : {}),
    ...(keyText ? { key: keyText } : {}),
    ...(ca ? { ca, requestCert: true, rejectUnauthorized: true } : {}),
  };
}

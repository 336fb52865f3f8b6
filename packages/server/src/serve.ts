import { hostname } from 'node:os';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import pino from 'pino';
import { type RunningDimse, startDimse } from './dimse/start-dimse.ts';
import { watchFolders } from './import/watch-folders.ts';
import { type AloneServer, listenAlone } from './monailabel/listen-alone.ts';
import { type OpenServer, openServer } from './open-server.ts';
import { portError } from './port-error.ts';
import type { Services } from './services.ts';
import type { Settings } from './settings.ts';

interface StartOptions {
  /** Where events go; JSON lines on stderr without it. */
  readonly log?: FastifyBaseLogger;
  /** `info` without it. */
  readonly logLevel?: string;
}

/** A server that answers. */
export interface RunningServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly dimsePort: number;
  /** Where MONAI Label's clients find it at `/`, if the settings give that a port of its own. */
  readonly monailabelUrl?: string;
  readonly services: Services;
  /** For tests that look at its routes. */
  readonly app: FastifyInstance;
  /** Of the first start: shown once. */
  readonly firstAdmin?: { readonly name: string; readonly oneTimePassword: string };
  /** Accepts nothing more, ends what runs within some seconds, and gives the data folder back. */
  close(): Promise<void>;
}

/**
 * Starts a server: HTTP and DIMSE on the address of the settings, jobs, watched folders.
 *
 * @throws WRITE_FAILED when another server works on the data folder, INVALID_ARGUMENT when a port cannot be had
 */
export async function startServer(settings: Settings, options: StartOptions = {}): Promise<RunningServer> {
  const log = options.log ?? createLog(options.logLevel ?? 'info');
  const server = await openServer(settings, log);
  let dimse: RunningDimse | undefined;
  let alone: AloneServer | undefined;
  try {
    const url = await listen(server, settings);
    dimse = await startDimse(server.services);
    alone = await listenAlone(server.app, settings);
    return await running(server, dimse, { url, alone });
  } catch (error) {
    await Promise.all([dimse?.close(), alone?.close()]);
    await server.close();
    throw error;
  }
}

/** Events as JSON lines on stderr. */
export function createLog(level: string): FastifyBaseLogger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2 }));
}

interface Listening {
  readonly url: string;
  readonly alone: AloneServer | undefined;
}

async function running(server: OpenServer, dimse: RunningDimse, { url, alone }: Listening): Promise<RunningServer> {
  const { services, jobs, app, lock } = server;
  const firstAdmin = await server.createFirstAdmin();
  server.countAssociations(() => dimse.associations);
  // PS3.15 A.5.3.1: the beginning and the end of the application itself.
  const note = (action: string) =>
    services.audit.record({ action, outcome: 'success', principal: 'vesalius', from: hostname() });
  await note('started');
  await jobs.start();
  const watching = watchFolders(services);
  lock.announce(url);
  services.log.info({ url, dimsePort: dimse.port }, 'started');
  return {
    ...{ url, dimsePort: dimse.port, services, app },
    ...(alone ? { monailabelUrl: alone.url } : {}),
    ...(firstAdmin ? { firstAdmin } : {}),
    close: async () => {
      services.log.info('stopping');
      await Promise.all([app.close(), dimse.close(), alone?.close(), watching.stop()]);
      await note('stopped');
      await server.close();
    },
  };
}

async function listen({ app }: OpenServer, { host, httpPort, tls }: Settings): Promise<string> {
  try {
    await app.listen({ host, port: httpPort });
  } catch (cause) {
    throw portError(cause, `${host}:${httpPort}`, 'another one, by --port');
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : httpPort;
  const shown = host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${shown}:${port}`;
}

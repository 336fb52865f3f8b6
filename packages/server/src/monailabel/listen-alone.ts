import type { FastifyInstance } from 'fastify';
import { answerMalformed, httpServer } from '../http/http-server.ts';
import { portError } from '../port-error.ts';
import type { Settings } from '../settings.ts';

/** MONAI Label's interface on a port of its own. */
export interface AloneServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers on a port of its own with the interface at `/` and nothing else of the server: OHIF's build and some clients know no other
 * place for it.
 *
 * @returns nothing where the settings name no port
 */
export async function listenAlone(
  app: FastifyInstance,
  { host, tls, monailabel }: Settings,
): Promise<AloneServer | undefined> {
  const { port, root } = monailabel;
  if (port === undefined) return undefined;
  const server = httpServer((request, response) => {
    request.url = `${root}${request.url?.startsWith('/') ? request.url : '/'}`;
    app.routing(request, response);
  }, tls);
  server.on('clientError', answerMalformed);
  await new Promise<void>((listening, failed) => server.once('error', failed).listen(port, host, listening)).catch(
    (cause: unknown) => {
      throw portError(cause, `${host}:${port}`, 'another one, as monailabel.port of the settings');
    },
  );
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  const close = async () => {
    const closed = new Promise<void>((done) => server.close(() => done()));
    server.closeAllConnections();
    await closed;
  };
  return { url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`, close };
}

import { VesaliusError } from '@vesalius/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../http/refusal.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { EXPOSITION_TYPE } from './exposition.ts';

interface HealthSources {
  readonly objects: ObjectStore;
  /** Asks the database something. */
  readonly touchDatabase: () => Promise<unknown>;
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

const FRESH_MS = 1000;

/** `/health`: the process answers. `/ready`: database and objects do too. `/metrics`: for those on this machine or with `server.manage`. */
export function healthRoutes(app: FastifyInstance, sources: HealthSources): void {
  const config = { access: 'public' } as const;
  let checked = { at: 0, answer: Promise.resolve({ database: false, objects: false }) };

  app.get('/health', { config }, async () => ({ status: 'ok' }));

  app.get('/ready', { config }, async (_, reply) => {
    // Everybody may ask, so asking must stay cheap.
    if (Date.now() - checked.at > FRESH_MS) checked = { at: Date.now(), answer: check(sources) };
    const parts = await checked.answer;
    const ready = parts.database && parts.objects;
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', ...parts });
  });

  app.get('/metrics', { config }, async (request, reply) => {
    if (!isLocal(request) && request.principal.accessFor('server.manage').projects !== 'all')
      throw new Refusal('NOT_ALLOWED', { what: 'permission', expected: 'server.manage, or this machine itself' });
    return reply.header('content-type', EXPOSITION_TYPE).send(await sources.metrics());
  });
}

async function check({ touchDatabase, objects }: HealthSources): Promise<{ database: boolean; objects: boolean }> {
  const [database, stored] = await Promise.all([succeeds(touchDatabase()), succeeds(touchObjects(objects))]);
  return { database, objects: stored };
}

/** Writes a little and asks for what is not there. */
async function touchObjects(objects: ObjectStore): Promise<void> {
  const pending = await objects.begin();
  try {
    await pending.write(new Uint8Array(1));
  } finally {
    await pending.discard();
  }
  await objects.size('ready/none').catch((error) => {
    if (!(error instanceof VesaliusError && error.code === 'FILE_NOT_FOUND')) throw error;
  });
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

const LOOPBACK = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];
const BY_PROXY = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** From this machine, and not brought here by a proxy on it. */
function isLocal({ socket, headers }: FastifyRequest): boolean {
  return LOOPBACK.includes(socket.remoteAddress ?? '') && BY_PROXY.every((name) => headers[name] === undefined);
}

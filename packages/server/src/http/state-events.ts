import { PassThrough } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const HEARTBEAT_MS = 15_000;

/** Whose changes `follow` gives, until the signal says that nobody listens any more. */
export type Follow = (end: AbortSignal) => AsyncIterable<{ readonly state: string }>;

/** Answers with server-sent events, one a change and named by its state, until the client has gone or the server closes. */
export function stateEvents(app: FastifyInstance): (reply: FastifyReply, follow: Follow) => FastifyReply {
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  return (reply, follow) =>
    reply
      .header('content-type', 'text/event-stream')
      .header('x-accel-buffering', 'no')
      .send(eventsOf(follow(endOf(reply, closing.signal)), reply.request));
}

function endOf({ raw }: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, closing]);
}

function eventsOf(changes: ReturnType<Follow>, { log, routeOptions }: FastifyRequest): PassThrough {
  const events = new PassThrough();
  // Proxies close what is silent.
  const heartbeat = setInterval(() => events.write(': \n\n'), HEARTBEAT_MS).unref();
  const send = async () => {
    for await (const one of changes) events.write(`event: ${one.state}\ndata: ${JSON.stringify(one)}\n\n`);
  };
  send()
    .catch((error) => log.warn({ code: (error as { code?: string }).code, route: routeOptions.url }, 'events ended'))
    .finally(() => {
      clearInterval(heartbeat);
      events.end();
    });
  return events;
}

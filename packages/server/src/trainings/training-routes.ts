import { PassThrough } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import { Refusal } from '../http/refusal.ts';
import { listFolderFiles, sendFolderFile } from '../http/send-folder-file.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import type { Training } from './trainings.ts';

const HEARTBEAT_MS = 15_000;

/** `/api/trainings`: what trains and what became of it, its curves, files and changes. */
export const trainingRoutes: Feature = (app, services) => {
  const { trainings, audit } = services;
  const config = { access: 'archive.read' } as const;
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  const tell = (action: string, { principal, ip }: FastifyRequest, id: string) =>
    audit.record({
      action,
      outcome: 'success',
      principal: principal.id,
      from: ip,
      entities: [{ kind: 'training', id }],
    });

  apiRoute(app, 'listTrainings', async ({ request }) => [...(await trainings.list(request.access))]);
  apiRoute(app, 'getTraining', ({ request, params }) => visible(services, params, request.access));
  apiRoute(app, 'getScalars', async ({ request, params }) => [
    ...(await trainings.scalars((await visible(services, params, request.access)).id, request.access)),
  ]);

  apiRoute(app, 'startTraining', async ({ request, reply, body }) => {
    const { projects } = request.access;
    if (projects !== 'all' && !projects.includes(body.project))
      throw new Refusal('NOT_ALLOWED', { what: 'permission', expected: 'train on the project' });
    const training = await trainings.start(body, request.principal.id, request.access);
    await tell('training-started', request, training.id);
    reply.code(202).header('location', `/api/trainings/${training.id}`);
    return training;
  });

  for (const [name, step] of [
    ['pauseTraining', 'pause'],
    ['resumeTraining', 'resume'],
    ['stopTraining', 'stop'],
    ['removeTraining', 'remove'],
  ] as const) {
    apiRoute(app, name, async ({ request, params }) => {
      const { id, state } = await visible(services, params, request.access);
      if (!(await trainings[step](id, request.access)))
        throw new Refusal('CONFLICT', { what: 'training', got: state, expected: `one that can be told to ${step}` });
      await tell(`training-${step}`, request, id);
    });
  }

  app.get('/api/trainings/:training/events', { config }, async (request, reply) => {
    const { id } = await visible(services, request.params, request.access);
    return reply
      .header('content-type', 'text/event-stream')
      .header('x-accel-buffering', 'no')
      .send(eventsOf(trainings.follow(id, endOf(reply, closing.signal)), request));
  });

  app.get('/api/trainings/:training/files', { config }, async (request) => {
    const { id } = await visible(services, request.params, request.access);
    return listFolderFiles(trainings.runFolder(id));
  });

  app.get('/api/trainings/:training/files/*', { config }, async (request, reply) => {
    const { id } = await visible(services, request.params, request.access);
    const path = (request.params as { '*': string })['*'];
    return sendFolderFile({ request, reply }, trainings.runFolder(id), path);
  });
};

async function visible({ trainings }: Services, params: unknown, access: Access): Promise<Training> {
  const training = await trainings.get((params as { training: string }).training, access);
  if (!training) throw new Refusal('NOT_FOUND', { what: 'training' });
  return training;
}

/** When the client has gone or the server closes. */
function endOf({ raw }: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, closing]);
}

/** One event a change. */
function eventsOf(changes: AsyncIterable<Training>, request: FastifyRequest): PassThrough {
  const events = new PassThrough();
  // Proxies close what is silent.
  const heartbeat = setInterval(() => events.write(': \n\n'), HEARTBEAT_MS).unref();
  const send = async () => {
    for await (const one of changes) events.write(`event: ${one.state}\ndata: ${JSON.stringify(one)}\n\n`);
  };
  send()
    .catch((error) => request.log.warn({ code: (error as { code?: string }).code }, 'events of a training ended'))
    .finally(() => {
      clearInterval(heartbeat);
      events.end();
    });
  return events;
}

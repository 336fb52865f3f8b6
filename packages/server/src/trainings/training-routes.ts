import type { FastifyRequest } from 'fastify';
import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import { Refusal } from '../http/refusal.ts';
import { listFolderFiles, sendFolderFile } from '../http/send-folder-file.ts';
import { stateEvents } from '../http/state-events.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import { holds } from '../store/holds.ts';
import type { Training } from './trainings.ts';

/** `/api/trainings`: what trains and what became of it, its curves, files and changes. */
export const trainingRoutes: Feature = (app, services) => {
  const { trainings, audit } = services;
  const config = { access: 'archive.read' } as const;
  const sendEvents = stateEvents(app);
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
  apiRoute(app, 'getResources', async ({ request, params }) =>
    trainings.resources((await visible(services, params, request.access)).id),
  );
  apiRoute(app, 'getScalars', async ({ request, params }) => [
    ...(await trainings.scalars((await visible(services, params, request.access)).id, request.access)),
  ]);

  apiRoute(app, 'startTraining', async ({ request, reply, body }) => {
    if (!holds(request.access, body.project))
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
    return sendEvents(reply, (end) => trainings.follow(id, end));
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

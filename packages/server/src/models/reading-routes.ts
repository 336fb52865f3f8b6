import type { FastifyInstance } from 'fastify';
import { apiRoute } from '../http/api-route.ts';
import { listFolderFiles, sendFolderFile } from '../http/send-folder-file.ts';
import type { Services } from '../services.ts';
import { compareModels } from './compare-models.ts';
import { visibleModel } from './visible-model.ts';

/** What can be learned of the models: themselves, their sources, files and times, one beside another. */
export function readingRoutes(app: FastifyInstance, services: Services): void {
  const { models } = services;
  apiRoute(app, 'listModels', async ({ request }) => [...(await models.list(request.access))]);
  apiRoute(app, 'getModel', ({ request, params }) => visibleModel(services, params, request.access));
  apiRoute(app, 'listModelSources', async ({ request, params }) => [
    ...(await models.sources(await visibleModel(services, params, request.access))),
  ]);
  apiRoute(app, 'compareModels', async ({ request, params, query }) => {
    const first = await visibleModel(services, params, request.access);
    return compareModels(models, first, await visibleModel(services, { model: query.with }, request.access));
  });
  apiRoute(app, 'profileModel', async ({ request, params }) =>
    models.profile(await visibleModel(services, params, request.access)),
  );
  apiRoute(app, 'listModelFiles', async ({ request, params }) => [
    ...(await listFolderFiles(models.folderOf(await visibleModel(services, params, request.access)))),
  ]);
  app.get('/api/models/:model/files/*', { config: { access: 'archive.read' } }, async (request, reply) => {
    const { '*': path, ...params } = request.params as Record<string, string>;
    const model = await visibleModel(services, params, request.access);
    return sendFolderFile({ request, reply }, models.folderOf(model), path ?? '');
  });
}

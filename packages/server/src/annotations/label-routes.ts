import { VesaliusError } from '@vesalius/errors';
import type { FastifyInstance } from 'fastify';
import { apiRoute } from '../http/api-route.ts';
import type { Services } from '../services.ts';

/** The classes of a project. */
export function labelRoutes(app: FastifyInstance, { annotations, audit }: Services): void {
  apiRoute(app, 'getLabels', async ({ params: { project = '' } }) => [...(await annotations.labelsOf(project))]);

  apiRoute(app, 'setLabels', async ({ request, params: { project = '' }, body }) => {
    if (new Set(body.map(({ value }) => value)).size < body.length)
      throw new VesaliusError('VALUE_INVALID', { what: 'values of labels', expected: 'each once' });
    await annotations.setLabels(project, body);
    await audit.record({
      ...{ action: 'labels-set', outcome: 'success', principal: request.principal.id, from: request.ip },
      entities: [{ kind: 'project', id: project }],
    });
    return body;
  });
}

import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import { beginUncertaintyMap, registerUncertaintyMaps } from './map-uncertainty.ts';

/** `GET /api/projects/{project}/next`: what to annotate next; `POST /api/models/{model}/uncertainty`: where a model is unsure. */
export const learningRoutes: Feature = (app, services) => {
  const { activeLearning } = services;
  registerUncertaintyMaps(services);
  apiRoute(app, 'nextSeries', ({ request, params: { project = '' }, query: { strategy, model, except } }) => {
    const { principal, access } = request;
    const annotator = (principal.person ?? principal).id;
    const asked = { strategy, annotator, principal: principal.id, access };
    const more = { ...(model !== undefined && { model }), ...(except !== undefined && { except }) };
    return activeLearning.next(project, { ...asked, ...more });
  });
  apiRoute(app, 'mapUncertainty', async ({ request, reply, params: { model = '' }, body }) => {
    const { principal, access } = request;
    const job = await beginUncertaintyMap(services, { ...body, model, principal, access });
    reply.code(202);
    return { job };
  });
};

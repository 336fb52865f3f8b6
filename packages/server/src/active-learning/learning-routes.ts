import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';

/** `GET /api/projects/{project}/next`: what to annotate next. */
export const learningRoutes: Feature = (app, { activeLearning }) =>
  apiRoute(app, 'nextSeries', ({ request, params: { project = '' }, query: { strategy, model } }) => {
    const { principal, access } = request;
    const annotator = (principal.person ?? principal).id;
    const asked = { strategy, annotator, principal: principal.id, access };
    return activeLearning.next(project, { ...asked, ...(model === undefined ? {} : { model }) });
  });

import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import { Refusal } from '../http/refusal.ts';
import { holds } from '../store/holds.ts';

/** What the work list shows besides QIDO-RS; `PUT /api/studies/{study}/project`, which FHIR follows within the same transaction. */
export const studyRoutes: Feature = (app, { archive, annotations, audit, projects }) => {
  apiRoute(app, 'describeStudies', async ({ request: { access }, body }) => {
    const seen = await archive.projectsOf(body.studies, access);
    const furthest = await annotations.furthestOf([...seen.keys()]);
    return [...seen].map(([study, project]) => {
      const labels = furthest.get(study);
      return { study, project, ...(labels && { labels }) };
    });
  });

  apiRoute(app, 'moveStudy', async ({ request, params: { study = '' }, body: { project } }) => {
    const { access, principal, ip } = request;
    if ((await archive.instances({ study }, access)).length === 0) throw new Refusal('NOT_FOUND', { what: 'study' });
    if (!holds(principal.accessFor('archive.write'), project))
      throw new Refusal('NOT_ALLOWED', { what: 'permission', expected: 'archive.write on the project' });
    if (!(await projects.has(project))) throw new Refusal('NOT_FOUND', { what: 'project' });
    await archive.assign(study, project);
    await audit.record({
      action: 'study-moved',
      outcome: 'success',
      principal: principal.id,
      from: ip,
      entities: [
        { kind: 'study', id: study },
        { kind: 'project', id: project },
      ],
    });
  });
};

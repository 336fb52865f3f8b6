import type { FastifyInstance } from 'fastify';
import { apiRoute } from '../../http/api-route.ts';
import { Refusal } from '../../http/refusal.ts';
import type { AccessParts } from '../access-parts.ts';

/** Projects and who works in them. */
export function projectRoutes(app: FastifyInstance, { projects, note }: AccessParts): void {
  apiRoute(app, 'listProjects', async ({ request: { principal } }) =>
    projects.within(principal.accessFor('archive.read')),
  );
  apiRoute(app, 'createProject', async ({ request, body: { id, name } }) => {
    if (request.access.projects !== 'all')
      throw new Refusal('NOT_ALLOWED', { what: 'permission', expected: 'projects.manage for all projects' });
    const project = await projects.create(id, name);
    await note(request, { action: 'project-created', entities: [{ kind: 'project', id }] });
    return project;
  });
  apiRoute(app, 'renameProject', async ({ request, params: { project = '' }, body }) => {
    const renamed = await projects.rename(project, body.name);
    await note(request, { action: 'project-renamed', entities: [{ kind: 'project', id: project }] });
    return renamed;
  });
  apiRoute(app, 'listMembers', async ({ params: { project = '' } }) => projects.members(project));
  apiRoute(app, 'setMember', async ({ request, params: { project = '', user = '' }, body }) => {
    const member = await projects.setMember(project, user, body.role);
    await note(request, {
      action: 'member-set',
      entities: [
        { kind: 'project', id: project },
        { kind: 'user', id: user },
      ],
      detail: body.role,
    });
    return member;
  });
  apiRoute(app, 'removeMember', async ({ request, params: { project = '', user = '' } }) => {
    await projects.removeMember(project, user);
    await note(request, {
      action: 'member-removed',
      entities: [
        { kind: 'project', id: project },
        { kind: 'user', id: user },
      ],
    });
  });
}

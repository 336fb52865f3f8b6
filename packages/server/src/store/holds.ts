import type { Access } from './archive.ts';

/** Whether a project is among those that may be touched. */
export function holds({ projects }: Access, project: string): boolean {
  return projects === 'all' || projects.includes(project);
}

/** The part of an access that lies in one project. */
export function narrowedTo(access: Access, project: string): Access {
  return { projects: holds(access, project) ? [project] : [] };
}

import { type Permission, ROLES, type Role, SERVER_WIDE } from '@vesalius/api';
import type { Access } from '../store/archive.ts';

/** A role in a project, or in all of them: `*`. */
export interface Grant {
  readonly project: string;
  readonly role: Role;
}

/** The projects on which roles give a permission; what is server-wide is given only by a role for all projects. */
export function accessOf(grants: readonly Grant[], permission: Permission): Access {
  const giving = grants.filter(({ role }) => (ROLES[role] as readonly Permission[]).includes(permission));
  if (giving.some(({ project }) => project === '*')) return { projects: 'all' };
  if (SERVER_WIDE.includes(permission)) return { projects: [] };
  return { projects: giving.map(({ project }) => project) };
}

/** What both let through. */
export function common(a: Access, b: Access): Access {
  if (a.projects === 'all') return b;
  if (b.projects === 'all') return a;
  const held = new Set(b.projects);
  return { projects: a.projects.filter((project) => held.has(project)) };
}

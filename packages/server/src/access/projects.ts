import type { Role } from '@vesalius/api';
import type { Kysely } from 'kysely';
import type { KnownProjects } from '../http/known-projects.ts';
import { Refusal } from '../http/refusal.ts';
import type { Access } from '../store/archive.ts';
import type { AccessTables } from './tables.ts';

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

export interface Member {
  readonly user: string;
  readonly name: string;
  readonly role: Role;
}

export interface Projects extends KnownProjects {
  within(access: Access): Promise<Project[]>;
  /** @throws Refusal CONFLICT */
  create(id: string, name: string): Promise<Project>;
  /** @throws Refusal NOT_FOUND */
  rename(id: string, name: string): Promise<Project>;
  members(id: string): Promise<Member[]>;
  /** @throws Refusal NOT_FOUND */
  setMember(id: string, user: string, role: Role): Promise<Member>;
  removeMember(id: string, user: string): Promise<void>;
}

/** The projects that studies are kept in. */
export function openProjects(tables: Kysely<AccessTables>): Projects {
  const existing = async (id: string) => {
    const row = await tables.selectFrom('access_project').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw new Refusal('NOT_FOUND', { what: 'project' });
    return toProject(row);
  };
  const members = async (id: string) => {
    const rows = await tables
      .selectFrom('access_grant')
      .innerJoin('access_user', 'access_user.id', 'access_grant.user_id')
      .select(['access_user.id as user', 'access_user.name', 'access_grant.role'])
      .where('access_grant.project', '=', id)
      .orderBy('access_user.name')
      .execute();
    return rows.map((row) => ({ ...row, role: row.role as Role }));
  };

  return {
    has: async (id) =>
      (await tables.selectFrom('access_project').select('id').where('id', '=', id).executeTakeFirst()) !== undefined,
    within: async ({ projects }) => {
      const rows = await tables.selectFrom('access_project').selectAll().orderBy('id').execute();
      return rows.filter(({ id }) => projects === 'all' || projects.includes(id)).map(toProject);
    },
    create: async (id, name) => {
      const { numInsertedOrUpdatedRows } = await tables
        .insertInto('access_project')
        .values({ id, name, created_at: new Date().toISOString() })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 0n)
        throw new Refusal('CONFLICT', { what: 'id of a project', expected: 'one that is free' });
      return existing(id);
    },
    rename: async (id, name) => {
      await tables.updateTable('access_project').set({ name }).where('id', '=', id).execute();
      return existing(id);
    },
    members,
    setMember: async (id, user, role) => {
      await existing(id);
      const found = await tables.selectFrom('access_user').select('id').where('id', '=', user).executeTakeFirst();
      if (found === undefined) throw new Refusal('NOT_FOUND', { what: 'user' });
      await tables
        .insertInto('access_grant')
        .values({ user_id: user, project: id, role })
        .onConflict((conflict) => conflict.columns(['user_id', 'project']).doUpdateSet({ role }))
        .execute();
      const member = (await members(id)).find((each) => each.user === user);
      if (member === undefined) throw new Refusal('NOT_FOUND', { what: 'user' });
      return member;
    },
    removeMember: async (id, user) => {
      await tables.deleteFrom('access_grant').where('project', '=', id).where('user_id', '=', user).execute();
    },
  };
}

function toProject({ id, name, created_at }: AccessTables['access_project']): Project {
  return { id, name, createdAt: created_at };
}

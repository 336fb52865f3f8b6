import { randomUUID } from 'node:crypto';
import type { Role } from '@vesalius/api';
import type { Kysely } from 'kysely';
import type { Principal } from '../http/principal.ts';
import { Refusal } from '../http/refusal.ts';
import { accessOf, type Grant } from './grants.ts';
import { hashPassword, passwordFits, randomPassword } from './passwords.ts';
import type { AccessTables } from './tables.ts';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly disabled: boolean;
  readonly mustChangePassword: boolean;
  readonly openId: boolean;
  readonly createdAt: string;
}

interface UserChange {
  readonly grants?: readonly Grant[] | undefined;
  readonly disabled?: boolean | undefined;
}

export interface Users {
  all(): Promise<User[]>;
  get(id: string): Promise<User | undefined>;
  /** @throws Refusal CONFLICT when the name is taken */
  create(name: string, grants: readonly Grant[]): Promise<{ user: User; oneTimePassword: string }>;
  /** @throws Refusal CONFLICT when no admin of everything would remain */
  change(id: string, change: UserChange): Promise<User>;
  remove(id: string): Promise<void>;
  resetPassword(id: string): Promise<{ user: User; oneTimePassword: string }>;
  setPassword(id: string, password: string): Promise<void>;
  /** @returns nothing for a wrong password, an unknown name, or a user that is disabled: always as slowly */
  signIn(name: string, password: string): Promise<User | undefined>;
  /** The user of an OpenID provider, made when first seen; the roles are what the provider says now. */
  fromOpenId(subject: string, name: string, grants: readonly Grant[]): Promise<User>;
}

/** Who a user is to the features. */
export function principalOf({ id, name, grants }: Pick<User, 'id' | 'name' | 'grants'>): Principal {
  return { id, kind: 'user', name, accessFor: (permission) => accessOf(grants, permission) };
}

const now = () => new Date().toISOString();

/** The users of the server. */
export function openUsers(tables: Kysely<AccessTables>): Users {
  const get = async (id: string) =>
    (await withGrants(tables, await tables.selectFrom('access_user').selectAll().where('id', '=', id).execute()))[0];
  const existing = async (id: string) => {
    const user = await get(id);
    if (user === undefined) throw new Refusal('NOT_FOUND', { what: 'user' });
    return user;
  };
  const setPassword = async (id: string, password: string, mustChange: boolean) => {
    const hash = await hashPassword(password);
    await tables
      .updateTable('access_user')
      .set({ password: hash, must_change: Number(mustChange) })
      .where('id', '=', id)
      .execute();
  };

  return {
    all: async () => withGrants(tables, await tables.selectFrom('access_user').selectAll().orderBy('name').execute()),
    get,
    create: async (name, grants) => {
      const oneTimePassword = randomPassword();
      const id = await insertUser(tables, {
        name,
        password: await hashPassword(oneTimePassword),
        must_change: 1,
        open_id: null,
      });
      await setGrants(tables, id, grants);
      return { user: await existing(id), oneTimePassword };
    },
    change: async (id, change) => {
      await existing(id);
      await changeUser(tables, id, change);
      return existing(id);
    },
    remove: async (id) => {
      await existing(id);
      await tables.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('access_user').where('id', '=', id).execute();
        await demandAdmin(transaction);
      });
    },
    resetPassword: async (id) => {
      const user = await existing(id);
      if (user.openId) throw new Refusal('CONFLICT', { what: 'password of a user of the OpenID provider' });
      const oneTimePassword = randomPassword();
      await setPassword(id, oneTimePassword, true);
      await tables.deleteFrom('access_session').where('user_id', '=', id).execute();
      return { user: await existing(id), oneTimePassword };
    },
    setPassword: (id, password) => setPassword(id, password, false),
    signIn: async (name, password) => {
      const row = await tables
        .selectFrom('access_user')
        .select(['id', 'password', 'disabled'])
        .where('name', '=', name)
        .executeTakeFirst();
      const fits = await passwordFits(password, row?.password);
      return fits && row?.disabled === 0 ? get(row.id) : undefined;
    },
    fromOpenId: async (subject, name, grants) => {
      const row = await tables.selectFrom('access_user').select('id').where('open_id', '=', subject).executeTakeFirst();
      const id = row?.id ?? (await insertUser(tables, { name, password: null, must_change: 0, open_id: subject }));
      await setGrants(tables, id, grants);
      return existing(id);
    },
  };
}

async function insertUser(
  tables: Kysely<AccessTables>,
  row: Pick<AccessTables['access_user'], 'name' | 'password' | 'must_change' | 'open_id'>,
): Promise<string> {
  const id = randomUUID();
  const { numInsertedOrUpdatedRows } = await tables
    .insertInto('access_user')
    .values({ ...row, id, disabled: 0, created_at: now() })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n)
    throw new Refusal('CONFLICT', { what: 'name of a user', expected: 'one that is free' });
  return id;
}

function changeUser(tables: Kysely<AccessTables>, id: string, { grants, disabled }: UserChange): Promise<void> {
  return tables.transaction().execute(async (transaction) => {
    if (grants !== undefined) await setGrants(transaction, id, grants);
    if (disabled !== undefined) {
      await transaction
        .updateTable('access_user')
        .set({ disabled: Number(disabled) })
        .where('id', '=', id)
        .execute();
    }
    if (disabled === true) await transaction.deleteFrom('access_session').where('user_id', '=', id).execute();
    await demandAdmin(transaction);
  });
}

async function setGrants(tables: Kysely<AccessTables>, id: string, grants: readonly Grant[]): Promise<void> {
  await tables.deleteFrom('access_grant').where('user_id', '=', id).execute();
  const rows = [...new Map(grants.map(({ project, role }) => [project, { user_id: id, project, role }])).values()];
  if (rows.length > 0) await tables.insertInto('access_grant').values(rows).execute();
}

/** Nobody could give it back. */
async function demandAdmin(tables: Kysely<AccessTables>): Promise<void> {
  const admin = await tables
    .selectFrom('access_user')
    .innerJoin('access_grant', 'access_grant.user_id', 'access_user.id')
    .select('access_user.id')
    .where('access_user.disabled', '=', 0)
    .where('access_grant.project', '=', '*')
    .where('access_grant.role', '=', 'admin')
    .executeTakeFirst();
  if (admin === undefined) throw new Refusal('CONFLICT', { what: 'the last admin', expected: 'another admin first' });
}

async function withGrants(tables: Kysely<AccessTables>, rows: readonly AccessTables['access_user'][]): Promise<User[]> {
  if (rows.length === 0) return [];
  const grants = await tables
    .selectFrom('access_grant')
    .selectAll()
    .$if(rows.length === 1, (query) => query.where('user_id', '=', rows[0]?.id ?? ''))
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    grants: grants
      .filter(({ user_id }) => user_id === row.id)
      .map(({ project, role }) => ({ project, role: role as Role })),
    disabled: row.disabled === 1,
    mustChangePassword: row.must_change === 1,
    openId: row.open_id !== null,
    createdAt: row.created_at,
  }));
}

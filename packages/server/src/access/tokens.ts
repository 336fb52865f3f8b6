import { randomBytes } from 'node:crypto';
import { type Permission, SERVER_WIDE } from '@vesalius/api';
import type { Kysely } from 'kysely';
import type { FhirScope, Principal } from '../http/principal.ts';
import type { Access } from '../store/archive.ts';
import { accessOf, common } from './grants.ts';
import { randomSecret, secretFits, secretHash } from './secrets.ts';
import type { AccessTables } from './tables.ts';
import type { Users } from './users.ts';

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly permissions: Permission[];
  readonly projects: 'all' | string[];
  readonly createdAt: string;
  readonly expiresAt: string;
}

interface NewToken {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly projects: Access['projects'];
  readonly seconds: number;
  readonly userId?: string;
  readonly clientId?: string;
  readonly scopes?: readonly FhirScope[];
}

export interface Tokens {
  create(token: NewToken): Promise<Token & { readonly token: string }>;
  ofUser(userId: string): Promise<Token[]>;
  /** @returns whether the user had it */
  revoke(id: string, userId: string): Promise<boolean>;
  /** Ends the token of an app, by its holder. */
  forget(text: string): Promise<void>;
  /** Whose a token is; nothing when it is wrong, expired or revoked, or its owner is disabled. */
  principal(text: string): Promise<Principal | undefined>;
}

const SHAPE = /^vsl_([0-9a-f]{16})_([\w-]{43})$/;

/** API tokens and the access tokens of SMART apps: `vsl_<id>_<secret>`, of which a hash is kept. */
export function openTokens(tables: Kysely<AccessTables>, users: Users): Tokens {
  const find = async (text: string) => {
    const [, id = '', secret = ''] = SHAPE.exec(text) ?? [];
    if (id === '') return undefined;
    const row = await tables.selectFrom('access_token').selectAll().where('id', '=', id).executeTakeFirst();
    return row !== undefined && secretFits(secret, row.hash) ? row : undefined;
  };
  return {
    create: async ({ name, permissions, projects, seconds, userId, clientId, scopes }) => {
      const id = randomBytes(8).toString('hex');
      const secret = randomSecret();
      const row = {
        id,
        hash: secretHash(secret),
        name,
        user_id: userId ?? null,
        client_id: clientId ?? null,
        permissions: JSON.stringify(permissions),
        projects: JSON.stringify(projects),
        scopes: scopes === undefined ? null : JSON.stringify(scopes),
        created_at: new Date().toISOString(),
        expires_at: new Date(Date.now() + seconds * 1000).toISOString(),
      };
      await tables
        .deleteFrom('access_token')
        .where('expires_at', '<', row.created_at)
        .where('client_id', 'is not', null)
        .execute();
      await tables.insertInto('access_token').values(row).execute();
      return { ...toToken(row), token: `vsl_${id}_${secret}` };
    },
    ofUser: async (userId) =>
      (
        await tables
          .selectFrom('access_token')
          .selectAll()
          .where('user_id', '=', userId)
          .where('client_id', 'is', null)
          .orderBy('created_at')
          .execute()
      ).map(toToken),
    revoke: async (id, userId) => {
      const { numDeletedRows } = await tables
        .deleteFrom('access_token')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    forget: async (text) => {
      const row = await find(text);
      if (row?.client_id != null) await tables.deleteFrom('access_token').where('id', '=', row.id).execute();
    },
    principal: async (text) => {
      const row = await find(text);
      if (row === undefined || row.expires_at <= new Date().toISOString()) return undefined;
      return row.user_id === null ? tokenPrincipal(row) : ownedPrincipal(row, users, row.user_id);
    },
  };
}

type Row = AccessTables['access_token'];

function toToken(row: Row): Token {
  return {
    id: row.id,
    name: row.name,
    permissions: JSON.parse(row.permissions) as Permission[],
    projects: JSON.parse(row.projects) as Token['projects'],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

function tokenPrincipal(row: Row): Principal {
  const { permissions, projects } = toToken(row);
  const accessFor = (permission: Permission): Access => ({
    projects:
      permissions.includes(permission) && (projects === 'all' || !SERVER_WIDE.includes(permission)) ? projects : [],
  });
  const fhirScopes = row.scopes === null ? {} : { fhirScopes: JSON.parse(row.scopes) as FhirScope[] };
  return { id: `token:${row.id}`, kind: 'token', name: row.name, accessFor, ...fhirScopes };
}

/** A token may do what it was made for, as long as its owner may. */
async function ownedPrincipal(row: Row, users: Users, userId: string): Promise<Principal | undefined> {
  const owner = await users.get(userId);
  if (owner === undefined || owner.disabled || owner.mustChangePassword) return undefined;
  const token = tokenPrincipal(row);
  return {
    ...token,
    name: `${owner.name}/${row.name}`,
    person: { id: owner.id, name: owner.name },
    accessFor: (permission) => common(token.accessFor(permission), accessOf(owner.grants, permission)),
  };
}

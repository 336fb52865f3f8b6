import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { Refusal } from '../http/refusal.ts';
import type { AccessTables } from './tables.ts';

/** An app that was registered for SMART on FHIR. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly redirectUris: string[];
  readonly scopes: string[];
  /** Public keys of a backend service, as JWK. */
  readonly keys: { kty: string; [name: string]: unknown }[];
  readonly projects: 'all' | string[];
  readonly createdAt: string;
}

export interface Clients {
  all(): Promise<Client[]>;
  get(id: string): Promise<Client | undefined>;
  create(client: Omit<Client, 'id' | 'createdAt'>): Promise<Client>;
  /** @throws Refusal NOT_FOUND */
  remove(id: string): Promise<void>;
}

/** The registered SMART apps. */
export function openClients(tables: Kysely<AccessTables>): Clients {
  return {
    all: async () => (await tables.selectFrom('access_client').selectAll().orderBy('name').execute()).map(toClient),
    get: async (id) => {
      const row = await tables.selectFrom('access_client').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toClient(row);
    },
    create: async (client) => {
      const row = {
        id: randomUUID(),
        name: client.name,
        redirect_uris: JSON.stringify(client.redirectUris.map(demandRedirect)),
        scopes: JSON.stringify(client.scopes),
        keys: JSON.stringify(client.keys.map(demandPublicKey)),
        projects: JSON.stringify(client.projects),
        created_at: new Date().toISOString(),
      };
      await tables.insertInto('access_client').values(row).execute();
      return toClient(row);
    },
    remove: async (id) => {
      const { numDeletedRows } = await tables.deleteFrom('access_client').where('id', '=', id).executeTakeFirst();
      if (numDeletedRows === 0n) throw new Refusal('NOT_FOUND', { what: 'client' });
    },
  };
}

/** RFC 8252: TLS, or the app's own machine. */
function demandRedirect(address: string): string {
  const { protocol, hostname, hash } = new URL(address);
  const local = protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if ((protocol === 'https:' || local) && hash === '') return address;
  throw new Refusal('BAD_REQUEST', { what: 'redirectUris', expected: 'https:, or http: on this machine; no fragment' });
}

function demandPublicKey(key: Client['keys'][number]): Client['keys'][number] {
  if ((key.kty === 'RSA' || key.kty === 'EC') && key['d'] === undefined) return key;
  throw new Refusal('BAD_REQUEST', { what: 'keys', expected: 'public RSA or EC keys' });
}

function toClient(row: AccessTables['access_client']): Client {
  return {
    id: row.id,
    name: row.name,
    redirectUris: JSON.parse(row.redirect_uris) as string[],
    scopes: JSON.parse(row.scopes) as string[],
    keys: JSON.parse(row.keys) as Client['keys'],
    projects: JSON.parse(row.projects) as Client['projects'],
    createdAt: row.created_at,
  };
}

import type { Kysely } from 'kysely';
import { randomSecret, secretHash } from './secrets.ts';
import type { AccessTables } from './tables.ts';

/** The cookie that holds the id of a session. */
export const SESSION_COOKIE = 'vesalius-session';

const MINUTE = 60_000;
const LONGEST_MS = 12 * 60 * MINUTE;

export interface Sessions {
  /** @returns the id, which is kept only as its hash */
  begin(userId: string): Promise<string>;
  /** @returns the user; nothing when the session ended, was idle too long or is older than half a day */
  use(id: string): Promise<string | undefined>;
  end(id: string): Promise<void>;
  endAll(userId: string): Promise<void>;
}

/** Sessions of browsers. */
export function openSessions(tables: Kysely<AccessTables>, idleMinutes: number): Sessions {
  const iso = (before: number) => new Date(Date.now() - before).toISOString();
  return {
    begin: async (userId) => {
      const id = randomSecret();
      await tables
        .deleteFrom('access_session')
        .where('used_at', '<', iso(idleMinutes * MINUTE))
        .execute();
      await tables
        .insertInto('access_session')
        .values({ hash: secretHash(id), user_id: userId, created_at: iso(0), used_at: iso(0) })
        .execute();
      return id;
    },
    use: async (id) => {
      const hash = secretHash(id);
      const row = await tables
        .selectFrom('access_session')
        .select(['user_id', 'used_at'])
        .where('hash', '=', hash)
        .where('used_at', '>', iso(idleMinutes * MINUTE))
        .where('created_at', '>', iso(LONGEST_MS))
        .executeTakeFirst();
      // Not at each request: it is a write.
      if (row !== undefined && row.used_at < iso(Math.min(MINUTE, (idleMinutes * MINUTE) / 4)))
        await tables
          .updateTable('access_session')
          .set({ used_at: iso(0) })
          .where('hash', '=', hash)
          .execute();
      return row?.user_id;
    },
    end: async (id) => {
      await tables.deleteFrom('access_session').where('hash', '=', secretHash(id)).execute();
    },
    endAll: async (userId) => {
      await tables.deleteFrom('access_session').where('user_id', '=', userId).execute();
    },
  };
}

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Kysely } from 'kysely';
import type { Database } from './database.ts';
import { runMigrations } from './run-migrations.ts';
import { FlushingSqliteDialect } from './sqlite-dialect.ts';

const PAGE_CACHE_KIB = 65_536;
const BUSY_MS = 10_000;

/**
 * The embedded database: one file, written ahead (WAL), flushed after every commit, before it is answered.
 *
 * One connection serves all: within a transaction nothing may be asked outside of it, that would wait for ever.
 */
export function openSqlite(path: string): Database {
  mkdirSync(dirname(path), { recursive: true });
  const file = new Sqlite(path);
  file.pragma('journal_mode = WAL');
  // The dialect flushes after every commit, without holding up all others.
  file.pragma('synchronous = NORMAL');
  file.pragma('foreign_keys = ON');
  file.pragma(`busy_timeout = ${BUSY_MS}`);
  file.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
  file.pragma('temp_store = MEMORY');
  const kysely = new Kysely<unknown>({ dialect: new FlushingSqliteDialect(file) });
  return {
    dialect: 'sqlite',
    tables: <Tables>() => kysely as unknown as Kysely<Tables>,
    migrate: (migrations) => runMigrations(kysely, { dialect: 'sqlite', migrations }),
    close: () => kysely.destroy(),
  };
}

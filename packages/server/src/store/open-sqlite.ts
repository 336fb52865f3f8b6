import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely';
import type { Database } from './database.ts';
import { runMigrations } from './run-migrations.ts';

const PAGE_CACHE_KIB = 65_536;
const BUSY_MS = 10_000;
const STATEMENTS_KEPT = 500;

/**
 * The embedded database: one file, written ahead (WAL), flushed with every commit.
 *
 * One connection serves all: within a transaction nothing may be asked outside of it, that would wait for ever.
 */
export function openSqlite(path: string): Database {
  mkdirSync(dirname(path), { recursive: true });
  const file = new Sqlite(path);
  file.pragma('journal_mode = WAL');
  file.pragma('synchronous = FULL');
  file.pragma('foreign_keys = ON');
  file.pragma(`busy_timeout = ${BUSY_MS}`);
  file.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
  file.pragma('temp_store = MEMORY');
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: preparingOnce(file) }) });
  return {
    dialect: 'sqlite',
    tables: <Tables>() => kysely as unknown as Kysely<Tables>,
    migrate: (migrations) => runMigrations(kysely, { dialect: 'sqlite', migrations }),
    close: () => kysely.destroy(),
  };
}

/** Keeps statements: to prepare one takes longer than to run it on a few rows. */
function preparingOnce(file: Sqlite.Database): SqliteDatabase {
  const statements = new Map<string, Sqlite.Statement>();
  const prepare = (sql: string): Sqlite.Statement => {
    const kept = statements.get(sql);
    // One that is being read row by row cannot be run a second time meanwhile.
    const known = kept && !kept.busy ? kept : file.prepare(sql);
    // The one that was asked for longest ago stands first, and goes first.
    statements.delete(sql);
    statements.set(sql, known);
    const [oldest] = statements.keys();
    if (statements.size > STATEMENTS_KEPT && oldest !== undefined) statements.delete(oldest);
    return known;
  };
  return { prepare, close: () => void file.close() } as unknown as SqliteDatabase;
}

import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './database.ts';
import { runMigrations } from './run-migrations.ts';

const CONNECTIONS = 10;
const BIGINT = 20;
const NUMERIC = 1700;

/** A PostgreSQL database, by its address: `postgres://user:password@host:port/name`. */
export function openPostgres(url: string): Database {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS, types: { getTypeParser } });
  // A connection that breaks while nothing uses it: the next query takes another one.
  pool.on('error', () => undefined);
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  return {
    dialect: 'postgres',
    tables: <Tables>() => kysely as unknown as Kysely<Tables>,
    migrate: (migrations) => runMigrations(kysely, { dialect: 'postgres', migrations }),
    close: () => kysely.destroy(),
  };
}

/** Sizes and sums are numbers here, as from SQLite: none comes near 2^53. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: unknown) =>
  oid === BIGINT || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format as 'text');

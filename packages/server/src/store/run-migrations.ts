import type { Kysely } from 'kysely';
import type { Dialect, Migration } from './database.ts';

interface MigrationTables {
  migration: { name: string; applied_at: string };
}

interface MigrationOptions {
  readonly dialect: Dialect;
  readonly migrations: readonly Migration[];
}

/** Runs what has not run yet, each in a transaction with the row that remembers it. */
export async function runMigrations(
  database: Kysely<unknown>,
  { dialect, migrations }: MigrationOptions,
): Promise<void> {
  const tables = database as unknown as Kysely<MigrationTables>;
  await tables.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('applied_at', 'text', (column) => column.notNull())
    .execute();
  const done = new Set((await tables.selectFrom('migration').select('name').execute()).map(({ name }) => name));
  for (const { name, up } of migrations.filter((migration) => !done.has(migration.name))) {
    await tables.transaction().execute(async (transaction) => {
      await up(transaction, dialect);
      await transaction.insertInto('migration').values({ name, applied_at: new Date().toISOString() }).execute();
    });
  }
}

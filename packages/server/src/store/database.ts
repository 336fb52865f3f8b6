import type { Kysely, Transaction } from 'kysely';

/**
 * A change of the tables, done once and for good. Each feature keeps its own, in its own folder; names begin with the feature's name
 * and sort by time within it (`archive-001-instances`).
 */
export interface Migration {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: a migration stands between two sets of tables.
  readonly up: (database: Kysely<any>, dialect: Dialect) => Promise<void>;
}

export type Dialect = 'sqlite' | 'postgres';

/**
 * The index: every row of the product, in one database. A feature names its own tables with `tables<T>()`; what several features must
 * agree on is written in one transaction.
 */
export interface Database {
  readonly dialect: Dialect;
  /** The same connection, typed with the tables of one feature. */
  tables<Tables>(): Kysely<Tables>;
  /** Runs what has not run yet, in the order given, each in its own transaction. */
  migrate(migrations: readonly Migration[]): Promise<void>;
  close(): Promise<void>;
}

/** The transaction of one feature, typed with the tables of another. */
export function within<Tables>(transaction: Transaction<unknown>): Transaction<Tables> {
  return transaction as unknown as Transaction<Tables>;
}

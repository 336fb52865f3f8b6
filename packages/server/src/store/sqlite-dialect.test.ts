import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from './database.ts';
import { openSqlite } from './open-sqlite.ts';

interface Tables {
  count: { id: number; value: number };
}

let folder: string;
let database: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vesalius-sqlite-'));
  database = openSqlite(join(folder, 'index.sqlite'));
  await sql`create table count (id integer primary key, value integer not null)`.execute(database.tables());
  await sql`insert into count values (1, 0)`.execute(database.tables());
});

afterEach(async () => {
  await database.close().catch(() => undefined);
  rmSync(folder, { recursive: true });
});

const add = () =>
  database
    .tables<Tables>()
    .transaction()
    .execute(async (transaction) => {
      const { value } = await transaction
        .selectFrom('count')
        .select('value')
        .where('id', '=', 1)
        .executeTakeFirstOrThrow();
      await new Promise((resolve) => setImmediate(resolve));
      await transaction
        .updateTable('count')
        .set({ value: value + 1 })
        .where('id', '=', 1)
        .execute();
    });

const value = async () =>
  (await database.tables<Tables>().selectFrom('count').select('value').where('id', '=', 1).executeTakeFirstOrThrow())
    .value;

test('transactions that begin at once come one after another', async () => {
  await Promise.all(Array.from({ length: 50 }, add));
  expect(await value()).toBe(50);
});

test('a transaction that fails leaves nothing, and the next one goes on', async () => {
  const failing = database
    .tables<Tables>()
    .transaction()
    .execute(async (transaction) => {
      await transaction.updateTable('count').set({ value: 7 }).execute();
      throw new RangeError('no');
    });
  await expect(Promise.all([failing, add()])).rejects.toThrow('no');
  await add();
  expect(await value()).toBe(2);
});

test('what was answered is there after opening again', async () => {
  await Promise.all(Array.from({ length: 5 }, add));
  await database.close();
  database = openSqlite(join(folder, 'index.sqlite'));
  expect(await value()).toBe(5);
});

test('a statement that failed can be asked again', async () => {
  const again = () => sql`insert into count values (1, 1)`.execute(database.tables());
  await expect(again()).rejects.toThrow('UNIQUE');
  await expect(again()).rejects.toThrow('UNIQUE');
  expect(await value()).toBe(0);
});

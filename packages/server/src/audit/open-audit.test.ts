import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../store/database.ts';
import { openSqlite } from '../store/open-sqlite.ts';
import type { AuditLog } from './audit-log.ts';
import { type AuditTables, auditMigrations } from './migrations.ts';
import { openAudit } from './open-audit.ts';

let database: Database | undefined;
let tables: Kysely<AuditTables>;
let audit: AuditLog;
let dataFolder: string;

beforeEach(async () => {
  await database?.close();
  dataFolder = mkdtempSync(join(tmpdir(), 'vesalius-audit-'));
  database = openSqlite(join(dataFolder, 'index.sqlite'));
  await database.migrate(auditMigrations);
  tables = database.tables<AuditTables>();
  audit = openAudit({ database, dataFolder });
  await Promise.all(Array.from({ length: 1200 }, (_, i) => audit.record(event(i))));
});

afterAll(() => database?.close());

const event = (i: number) => ({
  action: i % 2 === 0 ? 'stored' : 'queried',
  outcome: 'success' as const,
  principal: `user-${i % 3}`,
  from: '127.0.0.1',
  entities: [{ kind: 'study', id: `1.2.${i}` }],
});

test('events recorded at once follow each other without a gap, and are found again', async () => {
  expect(await audit.verify()).toEqual({ intact: true, events: 1200 });
  const [found, ...others] = await audit.find({ entity: '1.2.77' });
  expect(others).toEqual([]);
  expect(found).toMatchObject(event(77));
  expect(await audit.find({ action: 'stored', principal: 'user-0', limit: 5, before: 100 })).toHaveLength(5);
  await audit.record(event(1200));
  expect(await audit.verify()).toEqual({ intact: true, events: 1201 });
});

test('finds an event that was changed', async () => {
  await tables.updateTable('audit_event').set({ principal: 'another' }).where('sequence', '=', 700).execute();
  expect((await audit.verify()).broken).toEqual({ sequence: 700, what: 'its content is not what was recorded' });
});

test('finds an event that was taken out', async () => {
  await tables.deleteFrom('audit_event').where('sequence', '=', 10).execute();
  expect((await audit.verify()).broken).toEqual({ sequence: 10, what: 'an event is missing' });
});

test('finds events that were exchanged', async () => {
  await tables
    .updateTable('audit_event')
    .set({ previous: '0'.repeat(64) })
    .where('sequence', '=', 5)
    .execute();
  expect((await audit.verify()).broken?.sequence).toBe(5);
});

test('finds that the end was cut off', async () => {
  await audit.close();
  await tables.deleteFrom('audit_event').where('sequence', '>', 1190).execute();
  expect((await audit.verify()).broken).toMatchObject({ sequence: 1191 });
});

test('finds a log that was emptied, and one that was written anew', async () => {
  await audit.close();
  await tables.deleteFrom('audit_event').execute();
  expect((await audit.verify()).intact).toBe(false);
  if (database === undefined) return;
  const other = openAudit({ database, dataFolder: mkdtempSync(join(tmpdir(), 'vesalius-audit-')) });
  await Promise.all(Array.from({ length: 1200 }, (_, i) => other.record({ ...event(i), principal: 'forger' })));
  expect((await audit.verify()).broken?.what).toContain('written anew');
  await other.close();
});

test('a head file that cannot be read is not taken for an intact log', async () => {
  await audit.close();
  writeFileSync(join(dataFolder, 'audit-head.json'), '{');
  await expect(audit.verify()).rejects.toThrow();
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Database } from '../store/database.ts';
import { openPostgres } from '../store/open-postgres.ts';
import { openSqlite } from '../store/open-sqlite.ts';
import { POSTGRES_PROGRAMS, startPostgres } from '../store/postgres-under-test.ts';
import { annotationMigrations } from './migrations.ts';
import type { AnnotationRow, AnnotationTables } from './tables.ts';

const time = '2026-01-01T00:00:00.000Z';
const BEFORE: Omit<AnnotationRow, 'number'> = {
  ...{ id: 'a', project: 'default', study: '1.2', series: '1.2.3', state: 'submitted', revision: 4 },
  ...{
    annotator_id: 'anna',
    annotator_name: 'Anna',
    annotator_kind: 'person',
    grid: '{}',
    segments: '[]',
    voxels: '{}',
  },
  ...{ model: null, seconds_spent: 1.5, saved_by: 'Anna', mask_key: 'annotations/a/1', created_at: time },
  ...{ updated_at: time, opened_at: time, segmentation_series: null, segmentation_instance: null },
  ...{ review_by: null, review_at: null, review_comment: null },
};
let cleanUp = () => {};

afterEach(() => cleanUp());

async function expectKept(database: Database): Promise<void> {
  await database.migrate(annotationMigrations.slice(0, 1));
  await database.tables<{ annotation: typeof BEFORE }>().insertInto('annotation').values(BEFORE).execute();
  await database.migrate(annotationMigrations);
  const tables = database.tables<AnnotationTables>();
  expect(await tables.selectFrom('annotation').selectAll().execute()).toEqual([{ ...BEFORE, number: 1 }]);
  expect(await tables.selectFrom('annotation_history').selectAll().execute()).toEqual([
    { annotation: 'a', position: 1, state: 'draft', at: time, by_name: 'Anna', revision: 0, comment: null },
  ]);
  await tables
    .insertInto('annotation')
    .values({ ...BEFORE, id: 'b', number: 2 })
    .execute();
  await expect(
    tables
      .insertInto('annotation')
      .values({ ...BEFORE, id: 'c', number: 2 })
      .execute(),
  ).rejects.toThrow();
  await database.close();
}

test('label maps from before there could be several of one annotator are kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-migration-'));
  cleanUp = () => rmSync(folder, { recursive: true });
  await expectKept(openSqlite(join(folder, 'index.sqlite')));
});

test.skipIf(!POSTGRES_PROGRAMS)('the same on PostgreSQL', async () => {
  const postgres = await startPostgres();
  cleanUp = () => postgres.stop();
  await expectKept(openPostgres(await postgres.createDatabase()));
});

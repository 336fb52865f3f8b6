import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDicom } from '@vesalius/dicom';
import { archiveMigrations } from '../../packages/server/src/store/archive-migrations.ts';
import { createArchive } from '../../packages/server/src/store/create-archive.ts';
import { openFileObjects } from '../../packages/server/src/store/open-file-objects.ts';
import { openSqlite } from '../../packages/server/src/store/open-sqlite.ts';

const access = { projects: 'all' } as const;

/**
 * Stores files in an archive of its own and reads each back. What became of those that did not come back the same: `other bytes`, or the
 * reason they were refused with.
 */
export async function storedDifferently(files: ReadonlyMap<string, Uint8Array>): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-b1-archive-'));
  const database = openSqlite(join(folder, 'vesalius.sqlite'));
  const objects = await openFileObjects(join(folder, 'objects'));
  const differing = new Map<string, string>();
  try {
    await database.migrate(archiveMigrations);
    const archive = await createArchive({ database, objects, limits: { instanceBytes: 1 << 30 } });
    for (const [name, bytes] of files) {
      const options = { source: { kind: 'import', from: 'figure B1' }, project: 'default', access } as const;
      let outcome = await archive.store(bytes, options);
      if (outcome.status === 'refused' && outcome.reason === 'duplicate instance') {
        // Test files are often one instance in several transfer syntaxes: the one before makes room.
        await archive.remove(await scopeOf(bytes), access);
        outcome = await archive.store(bytes, options);
      }
      if (outcome.status === 'refused') {
        differing.set(name, `not stored: ${outcome.reason}: ${outcome.what.replaceAll(/[,\n]/g, ' ')}`);
        continue;
      }
      const { studyInstanceUid: study, seriesInstanceUid: series, sopInstanceUid } = outcome.instance;
      const [record] = await archive.instances({ study, series, instance: sopInstanceUid }, access);
      const chunks: Buffer[] = [];
      if (record) for await (const chunk of archive.stream(record)) chunks.push(chunk as Buffer);
      if (Buffer.compare(Buffer.concat(chunks), bytes) !== 0) differing.set(name, 'other bytes');
    }
    return differing;
  } finally {
    await database.close();
    await objects.close();
    rmSync(folder, { recursive: true });
  }
}

async function scopeOf(bytes: Uint8Array): Promise<{ study: string; series: string; instance: string }> {
  const { dataSet } = await readDicom(bytes);
  return {
    study: dataSet.string('StudyInstanceUID') ?? '',
    series: dataSet.string('SeriesInstanceUID') ?? '',
    instance: dataSet.string('SOPInstanceUID') ?? '',
  };
}

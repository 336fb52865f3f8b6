import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Archive } from './archive.ts';
import { archiveMigrations } from './archive-migrations.ts';
import { createArchive } from './create-archive.ts';
import type { Database } from './database.ts';
import type { ObjectStore } from './object-store.ts';
import { openFileObjects } from './open-file-objects.ts';
import { openSqlite } from './open-sqlite.ts';

export interface ArchiveUnderTest {
  readonly archive: Archive;
  readonly database: Database;
  readonly objects: ObjectStore;
  close(): Promise<void>;
}

interface Parts {
  readonly openDatabase?: (folder: string) => Promise<Database>;
  readonly openObjects?: (folder: string) => Promise<ObjectStore>;
}

/** An archive with a folder of its own, which goes with it; on SQLite and files where nothing else is said. */
export async function openArchiveUnderTest({
  openDatabase = async (folder) => openSqlite(join(folder, 'vesalius.sqlite')),
  openObjects = (folder) => openFileObjects(join(folder, 'objects')),
}: Parts = {}): Promise<ArchiveUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-archive-'));
  const database = await openDatabase(folder);
  await database.migrate(archiveMigrations);
  const objects = await openObjects(folder);
  const archive = await createArchive({ database, objects, limits: { instanceBytes: 1 << 30 } });
  return {
    archive,
    database,
    objects,
    close: async () => {
      await database.close();
      await objects.close();
      rmSync(folder, { recursive: true });
    },
  };
}

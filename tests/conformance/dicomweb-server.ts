import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { AuditEvent } from '../../packages/server/src/audit/audit-log.ts';
import { dicomweb } from '../../packages/server/src/dicomweb/dicomweb.ts';
import { createApp } from '../../packages/server/src/http/create-app.ts';
import { PRODUCT } from '../../packages/server/src/http/principal.ts';
import type { Services } from '../../packages/server/src/services.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../packages/server/src/settings.ts';
import { archiveMigrations } from '../../packages/server/src/store/archive-migrations.ts';
import { createArchive } from '../../packages/server/src/store/create-archive.ts';
import { openFileObjects } from '../../packages/server/src/store/open-file-objects.ts';
import { openSqlite } from '../../packages/server/src/store/open-sqlite.ts';

export interface DicomwebServer {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly services: Services;
  readonly audited: readonly AuditEvent[];
  readonly logged: readonly string[];
  close(): Promise<void>;
}

/** DICOMweb over HTTP and a real archive in a temporary folder, where everyone may do everything. */
export async function serveDicomweb(limits: Partial<Settings['limits']> = {}): Promise<DicomwebServer> {
  const folder = await mkdtemp(join(tmpdir(), 'vesalius-dicomweb-'));
  const settings = { ...DEFAULT_SETTINGS, dataFolder: folder, limits: { ...DEFAULT_SETTINGS.limits, ...limits } };
  const database = openSqlite(join(folder, 'index.sqlite'));
  await database.migrate(archiveMigrations);
  const objects = await openFileObjects(join(folder, 'objects'));
  const audited: AuditEvent[] = [];
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  const archive = await createArchive({ database, objects, limits: settings.limits });
  const audit = { record: async (event: AuditEvent) => void audited.push(event) };
  const services = { settings, database, objects, archive, audit, log } as unknown as Services;
  const app = createApp({ settings, log, authenticate: async () => PRODUCT, projects: { has: async () => true } });
  await dicomweb(app, services);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const close = async () => {
    await app.close();
    await database.close();
    await objects.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { url, services, audited, logged, close };
}

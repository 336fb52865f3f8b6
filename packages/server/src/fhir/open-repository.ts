import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import type { ArchiveTables } from '../store/tables.ts';
import { loadDefinitions } from './definitions.ts';
import { Repository } from './repository.ts';
import type { FhirTables } from './tables.ts';

/** The resources of some projects for the product itself: jobs, which only read. */
export async function openRepository({ database, settings }: Services, read: Access): Promise<Repository> {
  return new Repository({
    db: database.tables<FhirTables & ArchiveTables>(),
    definitions: await loadDefinitions(),
    read,
    write: { projects: [] },
    project: '',
    base: `${settings.publicUrl?.replace(/\/$/, '') ?? ''}/fhir`,
    written: async () => undefined,
  });
}

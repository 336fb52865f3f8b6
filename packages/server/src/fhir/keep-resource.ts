import type { FhirResource } from '@vesalius/fhir';
import type { Transaction } from 'kysely';
import type { SearchValue } from './search-text.ts';
import type { FhirTables } from './tables.ts';
import { writeValues } from './write-values.ts';

type Work = Transaction<FhirTables>;

/** A resource that follows the archive. */
interface Kept {
  readonly resource: FhirResource;
  readonly project: string;
  readonly values: readonly SearchValue[];
  /** `null` where it is made of the archive's index when it is read. */
  readonly content: string | null;
}

/** Writes it as a new version, with what it is found by. */
export async function keep(work: Work, { resource, project, values, content }: Kept): Promise<void> {
  const { resourceType: type, id = '' } = resource;
  const key = `${type}/${id}`;
  const changed = { updated_at: new Date().toISOString(), deleted: 0, project, content };
  const { version } = await work
    .insertInto('fhir_resource')
    .values({ key, type, id, version: 1, origin: 'archive', ...changed })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet(({ eb }) => ({ version: eb('fhir_resource.version', '+', 1), ...changed })),
    )
    .returning('version')
    .executeTakeFirstOrThrow();
  if (content !== null)
    await work
      .insertInto('fhir_version')
      .values({ key, version, updated_at: changed.updated_at, method: 'PUT', content })
      .execute();
  await writeValues(work, { key, type, values });
}

/** Of a resource that is or was there. */
export const readKept = (work: Work, key: string) =>
  work
    .selectFrom('fhir_resource')
    .select(['deleted', 'content', 'type', 'id'])
    .where('key', '=', key)
    .executeTakeFirst();

/** Its history stays. */
export async function remove(work: Work, key: string): Promise<void> {
  const updated_at = new Date().toISOString();
  const { version } = await work
    .updateTable('fhir_resource')
    .set(({ eb }) => ({ version: eb('version', '+', 1), updated_at, deleted: 1, content: null }))
    .where('key', '=', key)
    .returning('version')
    .executeTakeFirstOrThrow();
  await work.insertInto('fhir_version').values({ key, version, updated_at, method: 'DELETE', content: null }).execute();
  await work.deleteFrom('fhir_value').where('key', '=', key).execute();
}

import type { WithId } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import { toImagingStudy } from '@vesalius/fhir';
import type { Kysely } from 'kysely';
import type { ArchiveTables } from '../store/tables.ts';
import { STUDY_UID } from './archive-values.ts';
import { readStudies } from './read-studies.ts';
import type { FhirTables, ResourceTable } from './tables.ts';

type Row = Pick<ResourceTable, 'key' | 'version' | 'updated_at' | 'content' | 'deleted'>;

/** Of a study with more than this the instances are left out of a list; one study alone has them all. */
const MOST_IN_A_LIST = 50;

/** The resources of rows, in their order; what was removed meanwhile is left out. */
export async function contentsOf(
  db: Kysely<FhirTables & ArchiveTables>,
  rows: readonly Row[],
): Promise<WithId<Resource>[]> {
  const derived = rows.filter(({ content, deleted }) => content === null && deleted === 0).map(({ key }) => key);
  const studies = await studiesByKey(db, derived, rows.length === 1 ? Number.MAX_SAFE_INTEGER : MOST_IN_A_LIST);
  return rows.flatMap(({ key, content, version, updated_at }) => {
    const own = content === null ? studies.get(key) : (JSON.parse(content) as WithId<Resource>);
    if (own === undefined) return [];
    return [{ ...own, meta: { ...own.meta, versionId: String(version), lastUpdated: updated_at } }];
  });
}

async function studiesByKey(
  db: Kysely<FhirTables & ArchiveTables>,
  keys: readonly string[],
  mostInstances: number,
): Promise<Map<string, WithId<Resource>>> {
  if (keys.length === 0) return new Map();
  const uids = await db
    .selectFrom('fhir_value')
    .select(['key', 'value'])
    .where('key', 'in', keys)
    .where('code', '=', STUDY_UID)
    .execute();
  const studies = await readStudies(
    db as unknown as Kysely<ArchiveTables>,
    uids.map(({ value }) => value),
    { mostInstances },
  );
  return new Map(
    uids.flatMap(({ key, value }) => {
      const study = studies.get(value);
      if (study === undefined) return [];
      const partial = study.series.some(({ instances }) => instances === undefined);
      const meta = partial ? { meta: { tag: [SUBSETTED] } } : {};
      return [[key, { ...toImagingStudy(study), ...meta } as unknown as WithId<Resource>]];
    }),
  );
}

/** Marks a resource that was given in part. */
export const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

import { type FhirResource, studyId, toImagingStudy, toPatient } from '@vesalius/fhir';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { ArchiveChange, ArchiveListener } from '../store/archive.ts';
import { type Database, within } from '../store/database.ts';
import type { ArchiveTables } from '../store/tables.ts';
import { patientValues, SERIES_COUNT, STUDY_UID, studyValues } from './archive-values.ts';
import { type ArchivedStudy, readStudies } from './read-studies.ts';
import type { SearchValue } from './search-text.ts';
import type { FhirTables } from './tables.ts';
import { writeValues } from './write-values.ts';

type Tables = FhirTables & ArchiveTables;
type Work = Transaction<Tables>;

/**
 * Keeps Patient and ImagingStudy in step with the archive, within its transactions. Once for each study of a batch: a study that only
 * grew gets a new version, its values are written again when it has a new series.
 */
export const followArchive: ArchiveListener = async (transaction, changes) => {
  const work = within<Tables>(transaction);
  // What is moved to another project is another patient's there: gone here, new there.
  const moved = changes.filter(({ kind }) => kind === 'moved');
  for (const uid of studiesOf(moved)) await removeKept(work, `ImagingStudy/${studyId(uid)}`);
  for (const uid of studiesOf(changes)) await refresh(work, uid);
};

function studiesOf(changes: readonly ArchiveChange[]): Set<string> {
  return new Set(changes.map(({ instance }) => instance.studyInstanceUid));
}

async function removeKept(work: Work, key: string): Promise<void> {
  if ((await read(work, key))?.deleted === 0) await removeStudy(work, key);
}

/** Brings in the studies that were stored before FHIR was kept. */
export async function catchUp(database: Database): Promise<void> {
  const tables = database.tables<Tables>();
  for (;;) {
    const missing = await tables
      .selectFrom('study')
      .leftJoin('fhir_value', (join) =>
        join
          .on('fhir_value.type', '=', 'ImagingStudy')
          .on('fhir_value.code', '=', STUDY_UID)
          .onRef('fhir_value.value', '=', 'study.uid'),
      )
      .select('study.uid')
      .where('fhir_value.key', 'is', null)
      .limit(200)
      .execute();
    if (missing.length === 0) return;
    await tables.transaction().execute(async (transaction) => {
      for (const { uid } of missing) await refresh(transaction, uid);
    });
  }
}

async function refresh(work: Work, uid: string): Promise<void> {
  const key = `ImagingStudy/${studyId(uid)}`;
  if (await grow(work, key, uid)) return;
  const [known, count] = [await read(work, key), await seriesCountOf(work, uid)];
  if (count === undefined) return removeKept(work, key);
  const study = (await readStudies(work as unknown as Kysely<ArchiveTables>, [uid], { mostInstances: 0 })).get(uid);
  if (study === undefined) return;
  const resource = toImagingStudy(study);
  await keep(work, { resource, project: study.project, values: studyValues(study, resource), content: null });
  if (known?.deleted !== 0) await keepPatient(work, study);
}

const read = (work: Work, key: string) =>
  work.selectFrom('fhir_resource').select(['deleted', 'content']).where('key', '=', key).executeTakeFirst();

async function seriesCountOf(work: Work, uid: string): Promise<number | undefined> {
  const row = await work.selectFrom('study').select('series_count').where('uid', '=', uid).executeTakeFirst();
  return row?.series_count;
}

/** One statement for what nearly every instance is: one more in a series that is known. @returns false where it is more than that */
async function grow(work: Work, key: string, uid: string): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update fhir_resource set version = version + 1, updated_at = ${new Date().toISOString()}
    where key = ${key} and deleted = 0 and exists (
      select 1 from study inner join fhir_value as v on v.value = cast(study.series_count as text)
      where study.uid = ${uid} and v.key = ${key} and v.code = ${SERIES_COUNT})`.execute(work);
  return numAffectedRows > 0n;
}

async function keepPatient(work: Work, study: ArchivedStudy): Promise<void> {
  const resource = toPatient(study.project, study.attributes);
  const known = await read(work, `Patient/${resource.id}`);
  const content = JSON.stringify(resource);
  if (known?.deleted === 0 && known.content === content) return;
  await keep(work, { resource, project: study.project, values: patientValues(resource), content });
}

interface Kept {
  readonly resource: FhirResource;
  readonly project: string;
  readonly values: readonly SearchValue[];
  readonly content: string | null;
}

async function keep(work: Work, { resource, project, values, content }: Kept): Promise<void> {
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

async function removeStudy(work: Work, key: string): Promise<void> {
  const patient = await work
    .selectFrom('fhir_value')
    .select('value')
    .where('key', '=', key)
    .where('code', '=', 'patient')
    .executeTakeFirst();
  await remove(work, key);
  if (patient === undefined) return;
  const other = await work
    .selectFrom('fhir_value')
    .select('key')
    .where('type', '=', 'ImagingStudy')
    .where('code', '=', 'patient')
    .where('value', '=', patient.value)
    .limit(1)
    .executeTakeFirst();
  if (!other && (await read(work, patient.value))?.deleted === 0) await remove(work, patient.value);
}

async function remove(work: Work, key: string): Promise<void> {
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

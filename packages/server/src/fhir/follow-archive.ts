import { studyId, toImagingStudy, toPatient } from '@vesalius/fhir';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { ArchiveChange, ArchiveListener } from '../store/archive.ts';
import { type Database, within } from '../store/database.ts';
import type { ArchiveTables } from '../store/tables.ts';
import { patientValues, SERIES_COUNT, STUDY_UID, studyValues } from './archive-values.ts';
import { followResults } from './follow-results.ts';
import { keep, readKept, remove } from './keep-resource.ts';
import { type ArchivedStudy, readStudies } from './read-studies.ts';
import type { FhirTables } from './tables.ts';

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
  await followResults(work, changes);
};

function studiesOf(changes: readonly ArchiveChange[]): Set<string> {
  return new Set(changes.map(({ instance }) => instance.studyInstanceUid));
}

async function removeKept(work: Work, key: string): Promise<void> {
  if ((await readKept(work, key))?.deleted === 0) await removeStudy(work, key);
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
  const [known, count] = [await readKept(work, key), await seriesCountOf(work, uid)];
  if (count === undefined) return removeKept(work, key);
  const study = (await readStudies(work as unknown as Kysely<ArchiveTables>, [uid], { mostInstances: 0 })).get(uid);
  if (study === undefined) return;
  const resource = toImagingStudy(study);
  await keep(work, { resource, project: study.project, values: studyValues(study, resource), content: null });
  if (known?.deleted !== 0) await keepPatient(work, study);
}

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
  const known = await readKept(work, `Patient/${resource.id}`);
  const content = JSON.stringify(resource);
  if (known?.deleted === 0 && known.content === content) return;
  await keep(work, { resource, project: study.project, values: patientValues(resource), content });
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
  if (!other && (await readKept(work, patient.value))?.deleted === 0) await remove(work, patient.value);
}

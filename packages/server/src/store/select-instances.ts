import type { Access, InstanceRecord, Scope } from './archive.ts';
import type { Database } from './database.ts';
import { accessCondition } from './find-matches.ts';
import type { ArchiveTables } from './tables.ts';

/** The instances of a study, a series or one alone, by series and instance number. */
export async function selectInstances(database: Database, scope: Scope, access: Access): Promise<InstanceRecord[]> {
  let query = database
    .tables<ArchiveTables>()
    .selectFrom('instance')
    .innerJoin('series', 'series.id', 'instance.series_id')
    .innerJoin('study', 'study.id', 'instance.study_id')
    .selectAll('instance')
    .select(['series.uid as series_uid', 'study.uid as study_uid', 'study.project as project'])
    .where('study.uid', '=', scope.study);
  if (scope.series !== undefined) query = query.where('series.uid', '=', scope.series);
  if (scope.instance !== undefined) query = query.where('instance.uid', '=', scope.instance);
  for (const condition of accessCondition(access)) query = query.where(condition);
  const rows = await query
    .orderBy('series.number')
    .orderBy('series.uid')
    .orderBy('instance.number')
    .orderBy('instance.uid')
    .execute();
  return rows.map((row) => ({
    studyInstanceUid: row.study_uid,
    seriesInstanceUid: row.series_uid,
    sopInstanceUid: row.uid,
    sopClassUid: row.class_uid,
    project: row.project,
    transferSyntaxUid: row.transfer_syntax_uid,
    sizeBytes: Number(row.size_bytes),
    sha256: row.sha256,
    frames: row.frames,
    storedAt: row.stored_at,
    ...(row.number === null ? {} : { instanceNumber: row.number }),
  }));
}

import { type Kysely, sql } from 'kysely';
import type { ArchiveTables } from './tables.ts';

/** Sets the counts of a study and its series to what is there. */
export async function recount(tables: Kysely<ArchiveTables>, studyId: number): Promise<void> {
  await tables
    .updateTable('series')
    .set({ instance_count: sql<number>`(select count(*) from instance where instance.series_id = series.id)` })
    .where('study_id', '=', studyId)
    .execute();
  await tables
    .updateTable('study')
    .set({
      series_count: sql<number>`(select count(*) from series where series.study_id = study.id)`,
      instance_count: sql<number>`(select count(*) from instance where instance.study_id = study.id)`,
      bytes: sql<number>`(select coalesce(sum(size_bytes), 0) from instance where instance.study_id = study.id)`,
    })
    .where('id', '=', studyId)
    .execute();
}

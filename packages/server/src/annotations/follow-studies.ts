import type { ArchiveListener } from '../store/archive.ts';
import { within } from '../store/database.ts';
import type { ArchiveTables } from '../store/tables.ts';
import type { AnnotationTables } from './tables.ts';

/** A study's label maps go where it goes, and go with their series; their masks are swept at the next start. */
export const followStudies: ArchiveListener = async (transaction, changes) => {
  const work = within<AnnotationTables & ArchiveTables>(transaction);
  const moved = changes.filter(({ kind }) => kind === 'moved').map(({ instance }) => instance);
  for (const [study, project] of new Map(moved.map((one) => [one.studyInstanceUid, one.project])))
    await work.updateTable('annotation').set({ project }).where('study', '=', study).execute();
  const removed = changes.filter(({ kind }) => kind === 'removed').map(({ instance }) => instance.seriesInstanceUid);
  for (const uid of new Set(removed)) {
    const left = await work.selectFrom('series').select('id').where('uid', '=', uid).executeTakeFirst();
    if (left !== undefined) continue;
    const gone = work.selectFrom('annotation').select('id').where('series', '=', uid);
    await work.deleteFrom('annotation_history').where('annotation', 'in', gone).execute();
    await work.deleteFrom('annotation').where('series', '=', uid).execute();
  }
};

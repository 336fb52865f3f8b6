import { sql } from 'kysely';
import type { Database } from '../store/database.ts';
import { NO_IMAGES } from '../store/no-images.ts';
import type { ArchiveTables } from '../store/tables.ts';
import type { UnlabelledOptions } from './annotations.ts';
import type { AnnotationTables } from './tables.ts';

const HANDED_IN = ['submitted', 'approved'] as const;
/** So long is what somebody opened taken to be in work. */
const IN_WORK_MS = 4 * 3_600_000;

/** Series of images that nobody handed in a label map for, and nobody else has in work. */
export function findUnlabelled(database: Database, project: string, { annotator, order, limit }: UnlabelledOptions) {
  const since = new Date(Date.now() - IN_WORK_MS).toISOString();
  return database
    .tables<AnnotationTables & ArchiveTables>()
    .selectFrom('series')
    .innerJoin('study', 'study.id', 'series.study_id')
    .select(['series.uid as series', 'study.uid as study'])
    .where('study.project', '=', project)
    .where(({ or, eb }) => or([eb('modality', 'is', null), eb('modality', 'not in', NO_IMAGES)]))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('annotation')
            .select('annotation.id')
            .whereRef('annotation.series', '=', 'series.uid')
            .where('annotator_kind', '=', 'person')
            .where(({ or, and, eb }) =>
              or([
                eb('state', 'in', HANDED_IN),
                ...(annotator === undefined
                  ? []
                  : [and([eb('annotator_id', '!=', annotator), eb('opened_at', '>', since)])]),
              ]),
            ),
        ),
      ),
    )
    .$if(order === 'first', (query) => query.orderBy('series.id'))
    .$if(order === 'random', (query) => query.orderBy(sql`random()`))
    .limit(limit)
    .execute();
}

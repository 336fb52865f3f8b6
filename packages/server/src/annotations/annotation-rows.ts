import type { HistoryAnswer, SegmentLabel } from '@vesalius/api';
import type { Kysely, Transaction, Updateable } from 'kysely';
import type { Access } from '../store/archive.ts';
import { holds } from '../store/holds.ts';
import type { Annotation, AnnotationFilter } from './annotations.ts';
import type { AnnotationRow, AnnotationTables, HistoryRow } from './tables.ts';

const MOST = 100;

/** The rows of annotations; what is no project of the access is not there. */
export class AnnotationRows {
  readonly #tables: Kysely<AnnotationTables>;

  constructor(tables: Kysely<AnnotationTables>) {
    this.#tables = tables;
  }

  async list(filter: AnnotationFilter, { projects }: Access): Promise<AnnotationRow[]> {
    const { project, study, series, annotator, states, limit = MOST } = filter;
    if (projects.length === 0) return [];
    return await this.#tables
      .selectFrom('annotation')
      .selectAll()
      .orderBy('updated_at', 'desc')
      .orderBy('id')
      .limit(limit)
      .$if(projects !== 'all', (rows) => rows.where('project', 'in', projects === 'all' ? [] : projects))
      .$if(project !== undefined, (rows) => rows.where('project', '=', project ?? ''))
      .$if(study !== undefined, (rows) => rows.where('study', '=', study ?? ''))
      .$if(series !== undefined, (rows) => rows.where('series', '=', series ?? ''))
      .$if(annotator !== undefined, (rows) => rows.where('annotator_id', '=', annotator ?? ''))
      .$if(states !== undefined, (rows) => rows.where('state', 'in', states ?? []))
      .execute();
  }

  async get(id: string, access: Access): Promise<AnnotationRow | undefined> {
    const row = await this.#tables.selectFrom('annotation').selectAll().where('id', '=', id).executeTakeFirst();
    return row && holds(access, row.project) ? row : undefined;
  }

  /** States of all label maps of some studies. */
  async statesOf(studies: readonly string[]): Promise<readonly Pick<AnnotationRow, 'study' | 'state'>[]> {
    if (studies.length === 0) return [];
    const rows = this.#tables.selectFrom('annotation').select(['study', 'state']).distinct();
    return await rows.where('study', 'in', studies).execute();
  }

  /** Whoever comes first makes it; all others find it. */
  async insert(row: AnnotationRow): Promise<void> {
    await this.#tables.transaction().execute(async (transaction) => {
      const insert = transaction.insertInto('annotation').values(row);
      const unless = insert.onConflict((at) => at.columns(['series', 'annotator_id', 'number']).doNothing());
      const { numInsertedOrUpdatedRows } = await unless.executeTakeFirst();
      if (numInsertedOrUpdatedRows === 1n) await writeHistory(transaction, row, { by: row.annotator_name });
    });
  }

  /** What the next label map of the annotator is counted as. */
  async nextNumber(series: string, annotator: string): Promise<number> {
    const { last } = await this.#tables
      .selectFrom('annotation')
      .select(({ fn }) => fn.max('number').as('last'))
      .where('series', '=', series)
      .where('annotator_id', '=', annotator)
      .executeTakeFirstOrThrow();
    return Number(last ?? 0) + 1;
  }

  /**
   * Another state goes into the history with it.
   *
   * @param by - the name of who changes it
   * @returns false where the row has another revision or state by now
   */
  async change(before: AnnotationRow, after: AnnotationRow, by: string): Promise<boolean> {
    const isReview = after.review_at !== before.review_at && after.review_at !== null;
    if (after.state === before.state && !isReview) return await changed(this.#tables, before, after);
    return await this.#tables.transaction().execute(async (transaction) => {
      if (!(await changed(transaction, before, after))) return false;
      await writeHistory(transaction, after, { by, comment: isReview ? after.review_comment : null });
      return true;
    });
  }

  async history(id: string): Promise<HistoryAnswer> {
    const rows = this.#tables.selectFrom('annotation_history').selectAll().where('annotation', '=', id);
    return (await rows.orderBy('position').execute()).map(({ state, at, by_name, revision, comment }) => ({
      ...{ state, at, by: by_name, revision },
      ...(comment === null ? {} : { comment }),
    }));
  }

  async opened(id: string): Promise<void> {
    const opened_at = new Date().toISOString();
    await this.#tables.updateTable('annotation').set({ opened_at }).where('id', '=', id).execute();
  }

  async remove(id: string): Promise<boolean> {
    return await this.#tables.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('annotation_history').where('annotation', '=', id).execute();
      const { numDeletedRows } = await transaction.deleteFrom('annotation').where('id', '=', id).executeTakeFirst();
      return numDeletedRows === 1n;
    });
  }

  /** Those of the keys that a row holds. */
  async heldKeys(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = this.#tables.selectFrom('annotation').select('mask_key').where('mask_key', 'in', keys);
    return new Set((await rows.execute()).flatMap(({ mask_key }) => mask_key ?? []));
  }

  /** Those that were set; where nobody did, those of the label map that was handed in last. */
  async labelsOf(project: string): Promise<readonly SegmentLabel[]> {
    const rows = this.#tables.selectFrom('annotation_labels').select('labels').where('project', '=', project);
    const row = await rows.executeTakeFirst();
    if (row) return JSON.parse(row.labels) as SegmentLabel[];
    const used = await this.#tables
      .selectFrom('annotation')
      .select('segments')
      .where('project', '=', project)
      .where('state', 'in', ['submitted', 'approved'])
      .orderBy('updated_at', 'desc')
      .executeTakeFirst();
    return used ? (JSON.parse(used.segments) as SegmentLabel[]) : [];
  }

  async setLabels(project: string, labels: readonly SegmentLabel[]): Promise<void> {
    const row = { project, labels: JSON.stringify(labels) };
    await this.#tables
      .insertInto('annotation_labels')
      .values(row)
      .onConflict((conflict) => conflict.column('project').doUpdateSet({ labels: row.labels }))
      .execute();
  }
}

async function changed(
  tables: Kysely<AnnotationTables>,
  { id, revision, state }: AnnotationRow,
  after: Updateable<AnnotationRow>,
): Promise<boolean> {
  const { numUpdatedRows } = await tables
    .updateTable('annotation')
    .set(after)
    .where('id', '=', id)
    .where('revision', '=', revision)
    .where('state', '=', state)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** After the row itself, which nobody else changes until the transaction ends. */
async function writeHistory(
  transaction: Transaction<AnnotationTables>,
  { id, state, revision }: AnnotationRow,
  { by, comment = null }: { readonly by: string; readonly comment?: string | null },
): Promise<void> {
  const rows = transaction.selectFrom('annotation_history').select(({ fn }) => fn.countAll().as('count'));
  const { count } = await rows.where('annotation', '=', id).executeTakeFirstOrThrow();
  const entry = { annotation: id, position: Number(count) + 1, at: new Date().toISOString() };
  const row: HistoryRow = { ...entry, state, by_name: by, revision, comment };
  await transaction.insertInto('annotation_history').values(row).execute();
}

/** The row as others see it. */
export function annotationOf(row: AnnotationRow): Annotation {
  const { id, project, study, series, state, revision, model, number } = row;
  const { size, voxelToLps } = JSON.parse(row.grid) as Pick<Annotation, 'size' | 'voxelToLps'>;
  return {
    ...{ id, project, study, series, state, number, revision, size, voxelToLps },
    annotator: { id: row.annotator_id, name: row.annotator_name, kind: row.annotator_kind },
    segments: JSON.parse(row.segments),
    voxels: JSON.parse(row.voxels),
    secondsSpent: Number(row.seconds_spent),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(model === null ? {} : { model }),
    ...(row.saved_by === null ? {} : { savedBy: row.saved_by }),
    ...segmentationOf(row),
    ...reviewOf(row),
  };
}

function segmentationOf({
  segmentation_series,
  segmentation_instance,
}: AnnotationRow): Pick<Annotation, 'segmentation'> {
  if (segmentation_series === null || segmentation_instance === null) return {};
  return { segmentation: { series: segmentation_series, instance: segmentation_instance } };
}

function reviewOf({ review_by, review_at, review_comment }: AnnotationRow): Pick<Annotation, 'review'> {
  if (review_by === null || review_at === null) return {};
  return { review: { by: review_by, at: review_at, ...(review_comment === null ? {} : { comment: review_comment }) } };
}

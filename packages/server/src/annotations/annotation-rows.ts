import type { SegmentLabel } from '@vesalius/api';
import type { Kysely, Updateable } from 'kysely';
import type { Access } from '../store/archive.ts';
import { holds } from '../store/holds.ts';
import type { Annotation, AnnotationFilter } from './annotations.ts';
import type { AnnotationRow, AnnotationTables } from './tables.ts';

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

  /** Whoever comes first makes it; all others find it. */
  async insert(row: AnnotationRow): Promise<void> {
    const insert = this.#tables.insertInto('annotation').values(row);
    await insert.onConflict((conflict) => conflict.columns(['series', 'annotator_id']).doNothing()).execute();
  }

  /** @returns false where the row has another revision or state by now */
  async change(
    { id, revision, state }: AnnotationRow,
    change: Updateable<AnnotationTables['annotation']>,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#tables
      .updateTable('annotation')
      .set(change)
      .where('id', '=', id)
      .where('revision', '=', revision)
      .where('state', '=', state)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async opened(id: string): Promise<void> {
    const opened_at = new Date().toISOString();
    await this.#tables.updateTable('annotation').set({ opened_at }).where('id', '=', id).execute();
  }

  async remove(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#tables.deleteFrom('annotation').where('id', '=', id).executeTakeFirst();
    return numDeletedRows === 1n;
  }

  /** Those of the keys that a row holds. */
  async heldKeys(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = this.#tables.selectFrom('annotation').select('mask_key').where('mask_key', 'in', keys);
    return new Set((await rows.execute()).flatMap(({ mask_key }) => mask_key ?? []));
  }

  async labelsOf(project: string): Promise<readonly SegmentLabel[]> {
    const rows = this.#tables.selectFrom('annotation_labels').select('labels').where('project', '=', project);
    const row = await rows.executeTakeFirst();
    return row ? (JSON.parse(row.labels) as SegmentLabel[]) : [];
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

/** The row as others see it. */
export function annotationOf(row: AnnotationRow): Annotation {
  const { id, project, study, series, state, revision, model } = row;
  const { size, voxelToLps } = JSON.parse(row.grid) as Pick<Annotation, 'size' | 'voxelToLps'>;
  return {
    ...{ id, project, study, series, state, revision, size, voxelToLps },
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

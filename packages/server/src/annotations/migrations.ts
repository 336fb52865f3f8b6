import { type CreateTableBuilder, sql } from 'kysely';
import type { Migration } from '../store/database.ts';

export const annotationMigrations: readonly Migration[] = [
  {
    name: 'annotations-001-tables',
    up: async ({ schema }) => {
      await withColumns(schema.createTable('annotation'))
        .addUniqueConstraint('annotation_of_annotator', ['series', 'annotator_id'])
        .execute();
      await schema.createIndex('annotation_by_study').on('annotation').column('study').execute();
      await schema.createIndex('annotation_by_time').on('annotation').columns(['project', 'updated_at']).execute();
      await schema
        .createTable('annotation_labels')
        .addColumn('project', 'text', (column) => column.primaryKey())
        .addColumn('labels', 'text', (column) => column.notNull())
        .execute();
    },
  },
  {
    name: 'annotations-002-several-drafts-and-history',
    up: async (database) => {
      const { schema } = database;
      // SQLite takes no constraint away from a table: another one takes its place.
      await withColumns(schema.createTable('annotation_next'))
        .addColumn('number', 'integer', (column) => column.notNull().defaultTo(1))
        .addUniqueConstraint('annotation_number', ['series', 'annotator_id', 'number'])
        .execute();
      const rows = database.selectFrom('annotation').select(COLUMNS);
      await database.insertInto('annotation_next').columns(COLUMNS).expression(rows).execute();
      await schema.dropTable('annotation').execute();
      await schema.alterTable('annotation_next').renameTo('annotation').execute();
      await schema.createIndex('annotation_by_study').on('annotation').column('study').execute();
      await schema.createIndex('annotation_by_time').on('annotation').columns(['project', 'updated_at']).execute();
      await schema
        .createTable('annotation_history')
        .addColumn('annotation', 'text', (column) => column.notNull())
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('at', 'text', (column) => column.notNull())
        .addColumn('by_name', 'text', (column) => column.notNull())
        .addColumn('revision', 'integer', (column) => column.notNull())
        .addColumn('comment', 'text')
        .addPrimaryKeyConstraint('annotation_history_key', ['annotation', 'position'])
        .execute();
      const begun = database
        .selectFrom('annotation')
        .select([
          'id',
          sql.lit(1).as('position'),
          sql.lit('draft').as('state'),
          'created_at',
          'annotator_name',
          sql.lit(0).as('revision'),
        ]);
      await database
        .insertInto('annotation_history')
        .columns(['annotation', 'position', 'state', 'at', 'by_name', 'revision'])
        .expression(begun)
        .execute();
    },
  },
];

const COLUMNS = [
  'id',
  'project',
  'study',
  'series',
  'annotator_id',
  'annotator_name',
  'annotator_kind',
  'state',
  'revision',
  'grid',
  'segments',
  'voxels',
  'model',
  'seconds_spent',
  'saved_by',
  'mask_key',
  'created_at',
  'updated_at',
  'opened_at',
  'segmentation_series',
  'segmentation_instance',
  'review_by',
  'review_at',
  'review_comment',
];

/** As the first table had them. */
function withColumns(table: CreateTableBuilder<string>): CreateTableBuilder<string, string> {
  return table
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('study', 'text', (column) => column.notNull())
    .addColumn('series', 'text', (column) => column.notNull())
    .addColumn('annotator_id', 'text', (column) => column.notNull())
    .addColumn('annotator_name', 'text', (column) => column.notNull())
    .addColumn('annotator_kind', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('grid', 'text', (column) => column.notNull())
    .addColumn('segments', 'text', (column) => column.notNull())
    .addColumn('voxels', 'text', (column) => column.notNull())
    .addColumn('model', 'text')
    .addColumn('seconds_spent', 'double precision', (column) => column.notNull())
    .addColumn('saved_by', 'text')
    .addColumn('mask_key', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addColumn('opened_at', 'text', (column) => column.notNull())
    .addColumn('segmentation_series', 'text')
    .addColumn('segmentation_instance', 'text')
    .addColumn('review_by', 'text')
    .addColumn('review_at', 'text')
    .addColumn('review_comment', 'text');
}

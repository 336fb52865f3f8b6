import type { Migration } from '../store/database.ts';

export const annotationMigrations: readonly Migration[] = [
  {
    name: 'annotations-001-tables',
    up: async ({ schema }) => {
      await schema
        .createTable('annotation')
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
        .addColumn('review_comment', 'text')
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
];

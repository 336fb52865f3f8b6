import type { Migration } from '../store/database.ts';

export const monailabelMigrations: readonly Migration[] = [
  {
    name: 'monailabel-001-tables',
    up: async ({ schema }) => {
      await schema
        .createTable('monailabel_image')
        .addColumn('series', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text')
        .addColumn('info', 'text', (column) => column.notNull())
        .execute();
      await schema.createIndex('monailabel_image_name').on('monailabel_image').column('name').execute();
      await schema
        .createTable('monailabel_label')
        .addColumn('annotation', 'text', (column) => column.primaryKey())
        .addColumn('series', 'text', (column) => column.notNull())
        .addColumn('tag', 'text', (column) => column.notNull())
        .addColumn('params', 'text', (column) => column.notNull())
        .addColumn('saved_at', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createTable('monailabel_session')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('principal', 'text', (column) => column.notNull())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('files', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .addColumn('used_at', 'text', (column) => column.notNull())
        .addColumn('expiry_seconds', 'integer', (column) => column.notNull())
        .execute();
      await schema
        .createTable('monailabel_task')
        .addColumn('job', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('request', 'text', (column) => column.notNull())
        .addColumn('details', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .execute();
    },
  },
];

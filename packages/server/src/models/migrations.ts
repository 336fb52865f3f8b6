import type { Migration } from '../store/database.ts';

export const modelMigrations: readonly Migration[] = [
  {
    name: 'models-001-models',
    up: async (database) => {
      await database.schema
        .createTable('model')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('added_at', 'text', (column) => column.notNull())
        .addColumn('removed_at', 'text')
        .addColumn('description', 'text', (column) => column.notNull())
        .execute();
      await database.schema.createIndex('model_by_project').on('model').columns(['project', 'added_at']).execute();
    },
  },
  {
    name: 'models-002-sources',
    up: async ({ schema }) => {
      await schema.alterTable('model').addColumn('sources', 'text').execute();
    },
  },
];

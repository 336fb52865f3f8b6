import type { Migration } from '../store/database.ts';

export const trainingMigrations: readonly Migration[] = [
  {
    name: 'trainings-001-trainings',
    up: async (database) => {
      await database.schema
        .createTable('training')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('request', 'text', (column) => column.notNull())
        .addColumn('wanted', 'text')
        .addColumn('job', 'text')
        .addColumn('progress', 'double precision', (column) => column.notNull())
        .addColumn('message', 'text')
        .addColumn('seconds_left', 'double precision')
        .addColumn('cases', 'integer', (column) => column.notNull())
        .addColumn('started_by', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .addColumn('ended_at', 'text')
        .addColumn('model', 'text')
        .addColumn('error_code', 'text')
        .addColumn('error_message', 'text')
        .execute();
    },
  },
  {
    name: 'trainings-002-sources',
    up: async ({ schema }) => {
      await schema.alterTable('training').addColumn('sources', 'text').execute();
    },
  },
];

import type { Migration } from '../store/database.ts';

export const jobMigrations: readonly Migration[] = [
  {
    name: 'jobs-001-queue',
    up: async (database) => {
      await database.schema
        .createTable('job')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('principal', 'text', (column) => column.notNull())
        .addColumn('input', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('progress', 'double precision', (column) => column.notNull())
        .addColumn('message', 'text')
        .addColumn('attempt', 'integer', (column) => column.notNull())
        .addColumn('ready_at', 'text', (column) => column.notNull())
        .addColumn('holder', 'text')
        .addColumn('lease_until', 'text')
        .addColumn('cancel_requested', 'integer', (column) => column.notNull())
        .addColumn('revision', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .addColumn('started_at', 'text')
        .addColumn('ended_at', 'text')
        .addColumn('result', 'text')
        .addColumn('error_code', 'text')
        .addColumn('error_message', 'text')
        .execute();
      await database.schema.createIndex('job_by_state').on('job').columns(['state', 'ready_at']).execute();
      await database.schema.createIndex('job_by_time').on('job').columns(['created_at']).execute();
    },
  },
];

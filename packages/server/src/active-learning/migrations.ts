import type { Migration } from '../store/database.ts';

export const learningMigrations: readonly Migration[] = [
  {
    name: 'active-learning-001-scores',
    up: async ({ schema }) => {
      await schema
        .createTable('learning_score')
        .addColumn('series', 'text', (column) => column.notNull())
        .addColumn('model', 'text', (column) => column.notNull())
        .addColumn('strategy', 'text', (column) => column.notNull())
        .addColumn('score', 'double precision')
        .addColumn('scored_at', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('learning_score_key', ['model', 'strategy', 'series'])
        .execute();
    },
  },
];

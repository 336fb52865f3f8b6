import type { Migration } from '../store/database.ts';

export const deidentifyMigrations: readonly Migration[] = [
  {
    name: 'de-identify-001-keys',
    up: async ({ schema }) => {
      await schema
        .createTable('deidentify_key')
        .addColumn('project', 'text', (column) => column.primaryKey())
        .addColumn('secret', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .execute();
    },
  },
];

export interface DeidentifyTables {
  /** `secret`: base64. */
  deidentify_key: { project: string; secret: string; created_at: string };
}

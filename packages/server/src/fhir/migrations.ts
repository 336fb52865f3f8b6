import { sql } from 'kysely';
import type { Migration } from '../store/database.ts';

export const fhirMigrations: readonly Migration[] = [
  {
    name: 'fhir-001-resources',
    up: async ({ schema }, dialect) => {
      // Beginnings of words are found by a range, which wants the order of bytes.
      const text = dialect === 'postgres' ? sql`text collate "C"` : ('text' as const);
      await schema
        .createTable('fhir_resource')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('updated_at', 'text', (column) => column.notNull())
        .addColumn('deleted', 'integer', (column) => column.notNull())
        .addColumn('origin', 'text', (column) => column.notNull())
        .addColumn('content', 'text')
        .execute();
      await schema.createIndex('fhir_resource_updated').on('fhir_resource').columns(['type', 'updated_at']).execute();
      await schema
        .createTable('fhir_version')
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('updated_at', 'text', (column) => column.notNull())
        .addColumn('method', 'text', (column) => column.notNull())
        .addColumn('content', 'text')
        .addPrimaryKeyConstraint('fhir_version_key', ['key', 'version'])
        .execute();
      await schema
        .createTable('fhir_value')
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('code', 'text', (column) => column.notNull())
        .addColumn('value', text, (column) => column.notNull())
        .addColumn('system', 'text', (column) => column.notNull())
        .addColumn('low', text)
        .addColumn('high', text)
        .execute();
      await schema.createIndex('fhir_value_key').on('fhir_value').columns(['key', 'code']).execute();
      await schema.createIndex('fhir_value_value').on('fhir_value').columns(['type', 'code', 'value']).execute();
      await schema
        .createIndex('fhir_value_low')
        .on('fhir_value')
        .columns(['type', 'code', 'low', 'high', 'key'])
        .execute();
    },
  },
  {
    name: 'fhir-002-history',
    up: async ({ schema }) => {
      await schema.createIndex('fhir_version_updated').on('fhir_version').columns(['updated_at']).execute();
    },
  },
];

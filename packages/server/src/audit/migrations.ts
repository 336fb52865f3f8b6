import type { Migration } from '../store/database.ts';

export interface AuditTables {
  audit_event: {
    sequence: number;
    at: string;
    action: string;
    outcome: string;
    principal: string;
    source: string;
    /** JSON: `[[kind, id], …]` */
    entities: string;
    detail: string | null;
    previous: string;
    hash: string;
  };
}

export const auditMigrations: readonly Migration[] = [
  {
    name: 'audit-001-events',
    up: async (database) => {
      await database.schema
        .createTable('audit_event')
        .addColumn('sequence', 'bigint', (column) => column.primaryKey())
        .addColumn('at', 'text', (column) => column.notNull())
        .addColumn('action', 'text', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('principal', 'text', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('entities', 'text', (column) => column.notNull())
        .addColumn('detail', 'text')
        .addColumn('previous', 'text', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull())
        .execute();
      await database.schema.createIndex('audit_event_at').on('audit_event').column('at').execute();
      await database.schema.createIndex('audit_event_principal').on('audit_event').column('principal').execute();
    },
  },
];

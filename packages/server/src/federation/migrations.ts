import type { ColumnDataType } from 'kysely';
import type { Migration } from '../store/database.ts';

type Columns = Readonly<Record<string, ColumnDataType | `${ColumnDataType}?`>>;

/** Columns end with `?` where they may be null; those of the key come first. */
const TABLES: readonly (readonly [table: string, key: number, columns: Columns])[] = [
  [
    'federation',
    1,
    {
      id: 'text',
      ...{ role: 'text', name: 'text', site: 'text?', state: 'text', plan: 'text', plan_hash: 'text' },
      ...{ approved_plan: 'text?', round: 'integer', created_at: 'text', settings: 'text', problem: 'text?' },
    },
  ],
  [
    'federation_site',
    2,
    {
      ...{ federation: 'text', site: 'text', state: 'text', invitation_hash: 'text?', invitation_ends: 'text?' },
      ...{
        fingerprint: 'text?',
        certificate_ends: 'text?',
        next_fingerprint: 'text?',
        next_ends: 'text?',
        approved_plan: 'text?',
        last_seen: 'text?',
      },
      ...{ version: 'text?', sheet: 'text?' },
    },
  ],
  [
    'federation_round',
    2,
    {
      ...{ federation: 'text', round: 'integer', state: 'text', opened_at: 'text', closed_at: 'text?' },
      ...{ deadline_at: 'text', chosen: 'text', counted: 'text', model_hash: 'text?' },
    },
  ],
  [
    'federation_task',
    4,
    {
      ...{ federation: 'text', round: 'integer', kind: 'text', site: 'text', token: 'text', state: 'text' },
      ...{ update_hash: 'text?', bytes: 'bigint', examples: 'bigint', epsilon: 'double precision', metrics: 'text?' },
    },
  ],
  [
    'federation_exchange',
    3,
    {
      ...{ federation: 'text', site: 'text', sequence: 'integer', round: 'integer', update_hash: 'text' },
      ...{ bytes: 'bigint', hash: 'text', at: 'text' },
    },
  ],
  [
    'federation_wire',
    3,
    { federation: 'text', site: 'text', round: 'integer', bytes_up: 'bigint', bytes_down: 'bigint' },
  ],
  ['federation_ledger', 1, { project: 'text', state: 'text' }],
  ['federation_spent', 2, { federation: 'text', round: 'integer', epsilon: 'double precision' }],
];

export const federationMigrations: readonly Migration[] = [
  {
    name: 'federation-001-tables',
    up: async ({ schema }) => {
      for (const [table, keys, columns] of TABLES) {
        let made = schema.createTable(table);
        for (const [column, type] of Object.entries(columns)) {
          const isNullable = type.endsWith('?');
          made = made.addColumn(column, type.replace('?', '') as ColumnDataType, (c) => (isNullable ? c : c.notNull()));
        }
        const key = Object.keys(columns).slice(0, keys) as never[];
        await made.addPrimaryKeyConstraint(`${table}_key`, key).execute();
      }
      // An update is counted once, whatever was sent twice.
      await schema
        .createIndex('federation_exchange_round')
        .on('federation_exchange')
        .columns(['federation', 'site', 'round'])
        .unique()
        .execute();
    },
  },
];

import { type ColumnDataType, type Expression, type Kysely, sql } from 'kysely';
import type { Dialect, Migration } from './database.ts';

/** The order of bytes, so that ranges and beginnings of words mean the same in every database. */
const byteText = (dialect: Dialect): Expression<unknown> =>
  dialect === 'postgres' ? sql`text collate "C"` : sql`text`;

const STUDY_TEXTS = [
  'patient_id',
  'issuer_of_patient_id',
  'name_alphabetic',
  'name_ideographic',
  'name_phonetic',
  'referring_physician',
  'birth_date',
  'sex',
  'study_date',
  'study_time',
  'accession_number',
  'study_id',
  'description',
];
const SERIES_TEXTS = [
  'modality',
  'description',
  'body_part',
  'performed_date',
  'performed_time',
  'requested_procedures',
  'scheduled_steps',
];

export const archiveMigrations: readonly Migration[] = [
  {
    name: 'archive-001-instances',
    up: async (database, dialect) => {
      await createStudies(database, dialect);
      await createSeries(database, dialect);
      await createInstances(database, dialect);
    },
  },
];

const serial = (dialect: Dialect): ColumnDataType => (dialect === 'postgres' ? 'serial' : 'integer');

// biome-ignore lint/suspicious/noExplicitAny: a migration stands between two sets of tables.
type AnyTables = Kysely<any>;

async function createStudies(database: AnyTables, dialect: Dialect): Promise<void> {
  const text = byteText(dialect);
  let table = database.schema
    .createTable('study')
    .addColumn('id', serial(dialect), (column) => column.primaryKey())
    .addColumn('uid', text, (column) => column.notNull().unique())
    .addColumn('project', text, (column) => column.notNull());
  for (const name of STUDY_TEXTS) table = table.addColumn(name, text);
  await table
    .addColumn('attributes', 'text', (column) => column.notNull())
    .addColumn('series_count', 'integer', (column) => column.notNull())
    .addColumn('instance_count', 'integer', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .addColumn('stored_at', 'text', (column) => column.notNull())
    .execute();
  const indexed = ['patient_id', 'name_alphabetic', 'name_ideographic', 'accession_number', 'study_id', 'birth_date'];
  for (const name of indexed) await index(database, 'study', [name, 'id']);
  await index(database, 'study', ['study_date', 'id']);
  await index(database, 'study', ['project', 'study_date', 'id']);
  await database.schema
    .createTable('study_word')
    .addColumn('study_id', 'integer', (column) => column.notNull().references('study.id').onDelete('cascade'))
    .addColumn('tag', text, (column) => column.notNull())
    .addColumn('word', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('study_word_key', ['tag', 'word', 'study_id'])
    .execute();
  await index(database, 'study_word', ['study_id']);
}

async function createSeries(database: AnyTables, dialect: Dialect): Promise<void> {
  const text = byteText(dialect);
  let table = database.schema
    .createTable('series')
    .addColumn('id', serial(dialect), (column) => column.primaryKey())
    .addColumn('uid', text, (column) => column.notNull().unique())
    .addColumn('study_id', 'integer', (column) => column.notNull().references('study.id').onDelete('cascade'))
    .addColumn('number', 'integer');
  for (const name of SERIES_TEXTS) table = table.addColumn(name, text);
  await table
    .addColumn('attributes', 'text', (column) => column.notNull())
    .addColumn('instance_count', 'integer', (column) => column.notNull())
    .execute();
  await index(database, 'series', ['study_id', 'number', 'id']);
  await index(database, 'series', ['modality', 'study_id']);
}

async function createInstances(database: AnyTables, dialect: Dialect): Promise<void> {
  const text = byteText(dialect);
  await database.schema
    .createTable('instance')
    .addColumn('id', serial(dialect), (column) => column.primaryKey())
    .addColumn('uid', text, (column) => column.notNull().unique())
    .addColumn('series_id', 'integer', (column) => column.notNull().references('series.id').onDelete('cascade'))
    .addColumn('study_id', 'integer', (column) => column.notNull().references('study.id').onDelete('cascade'))
    .addColumn('class_uid', text, (column) => column.notNull())
    .addColumn('transfer_syntax_uid', text, (column) => column.notNull())
    .addColumn('number', 'integer')
    .addColumn('frames', 'integer', (column) => column.notNull())
    .addColumn('rows', 'integer')
    .addColumn('columns', 'integer')
    .addColumn('bits_allocated', 'integer')
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .addColumn('sha256', text, (column) => column.notNull())
    .addColumn('stored_at', 'text', (column) => column.notNull())
    .execute();
  await index(database, 'instance', ['series_id', 'number', 'id']);
  await index(database, 'instance', ['study_id', 'id']);
  await index(database, 'instance', ['sha256']);
  await index(database, 'instance', ['class_uid', 'id']);
  await database.schema
    .createTable('instance_metadata')
    .addColumn('instance_id', 'integer', (column) => column.primaryKey().references('instance.id').onDelete('cascade'))
    .addColumn('json', dialect === 'postgres' ? 'bytea' : 'blob', (column) => column.notNull())
    .execute();
}

async function index(database: AnyTables, table: string, columns: readonly string[]): Promise<void> {
  const name = `${table}_${columns.join('_')}`;
  await database.schema
    .createIndex(name)
    .on(table)
    .columns([...columns])
    .execute();
}

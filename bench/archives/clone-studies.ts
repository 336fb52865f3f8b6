import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { VesaliusError } from '@vesalius/errors';

/** What stands in the template and is another in each copy. */
export interface StudyMarks {
  readonly study: string;
  readonly patient: string;
  readonly name: string;
  /** Eight digits. */
  readonly date: string;
  readonly accession: string;
}

export interface CloneOptions {
  /** The archive's SQLite file; no server runs on it. */
  readonly file: string;
  readonly template: StudyMarks;
  /** Numbers of the copies. */
  readonly from: number;
  readonly to: number;
  readonly marksOf: (number: number) => StudyMarks;
}

type Row = Readonly<Record<string, SQLOutputValue>>;

/** A table, with how its rows are found by the study's row and which columns hold numbers that must be others in each copy. */
interface ClonedTable {
  readonly table: string;
  readonly where: string;
  readonly numbers: Readonly<Record<string, 'study' | 'series' | 'instance'>>;
}

const TABLES: readonly ClonedTable[] = [
  { table: 'study', where: 'id = :study', numbers: { id: 'study' } },
  { table: 'study_word', where: 'study_id = :study', numbers: { study_id: 'study' } },
  { table: 'series', where: 'study_id = :study', numbers: { id: 'series', study_id: 'study' } },
  {
    table: 'instance',
    where: 'study_id = :study',
    numbers: { id: 'instance', series_id: 'series', study_id: 'study' },
  },
  {
    table: 'instance_metadata',
    where: 'instance_id in (select id from instance where study_id = :study)',
    numbers: { instance_id: 'instance' },
  },
];

const STUDIES_IN_TRANSACTION = 100;

/** Copies the rows of one study that came in by the front door, so often, without objects behind them. @returns rows written */
export function cloneStudies({ file, template, from, to, marksOf }: CloneOptions): number {
  const database = new DatabaseSync(file);
  database.exec('pragma synchronous = OFF');
  database.exec('pragma foreign_keys = OFF');
  database.exec('pragma cache_size = -400000');
  const study = database.prepare('select id from study where uid = ?').get(template.study)?.['id'];
  if (study === undefined)
    throw new VesaliusError('FILE_NOT_FOUND', { what: 'study to copy', got: template.study, file });
  const cloners = TABLES.map((each) => clonerOf(database, each, Number(study)));
  const strides = { study: 1, series: 0, instance: 0 };
  for (const { rows, numbers } of cloners)
    for (const [column, kind] of Object.entries(numbers))
      strides[kind] = Math.max(strides[kind], ...rows.map((row) => Number(row[column])));
  let written = 0;
  const batch = (first: number): void => {
    database.exec('begin');
    for (let number = first; number < Math.min(to, first + STUDIES_IN_TRANSACTION); number++)
      for (const clone of cloners) written += clone.write(number + 1, replacer(template, marksOf(number)), strides);
    database.exec('commit');
  };
  for (let first = from; first < to; first += STUDIES_IN_TRANSACTION) batch(first);
  database.exec('analyze');
  database.close();
  return written;
}

function clonerOf(database: DatabaseSync, { table, where, numbers }: ClonedTable, study: number) {
  const rows = database.prepare(`select * from ${table} where ${where}`).all({ study }) as Row[];
  const columns = Object.keys(rows[0] ?? {});
  const insert = database.prepare(
    `insert into ${table} (${columns.map((name) => `"${name}"`)}) values (${columns.map(() => '?')})`,
  );
  const write = (
    copy: number,
    replace: (text: string) => string,
    strides: Readonly<Record<string, number>>,
  ): number => {
    for (const row of rows) {
      const values = columns.map((column) => {
        const [value, kind] = [row[column] ?? null, numbers[column]];
        if (kind !== undefined) return Number(value) + copy * (strides[kind] ?? 0);
        if (column === 'sha256') return `${String(copy).padStart(8, '0')}${String(value).slice(8)}`;
        return typeof value === 'string' ? replace(value) : value;
      });
      insert.run(...values);
    }
    return rows.length;
  };
  return { rows, numbers, write };
}

/** Puts one study's marks in place of another's, as they are and in small letters, and dates as DICOM and as FHIR write them. */
function replacer(template: StudyMarks, marks: StudyMarks): (text: string) => string {
  const pairs = (Object.keys(template) as (keyof StudyMarks)[]).flatMap((key) => [
    [template[key], marks[key]] as const,
    [template[key].toLowerCase(), marks[key].toLowerCase()] as const,
  ]);
  pairs.push([dashed(template.date), dashed(marks.date)]);
  return (text) => pairs.reduce((done, [before, after]) => done.replaceAll(before, after), text);
}

function dashed(date: string): string {
  return `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
}

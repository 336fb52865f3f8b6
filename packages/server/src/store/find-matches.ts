import type { DicomJson, JsonElement } from '@vesalius/dicom';
import { type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { Access, ArchiveAnswer, ArchiveQuery, MatchKey } from './archive.ts';
import type { Database, Dialect } from './database.ts';
import { matchConditions } from './match-conditions.ts';
import { unpackJson } from './pack-json.ts';
import type { ArchiveTables } from './tables.ts';

/** Searches the index: the same for QIDO-RS and C-FIND. */
export async function findMatches(database: Database, query: ArchiveQuery): Promise<ArchiveAnswer> {
  const { where, ignored, notFuzzy } = matchConditions(query, database.dialect);
  const rows = await new Search(database, query).rows(where as readonly Condition[]);
  const limit = query.limit ?? rows.length;
  const matches = rows.slice(0, limit).map((row) => answerOf(row, query));
  return { matches, more: rows.length > limit, ignored, notFuzzy };
}

type Condition = ReturnType<typeof sql<SqlBool>>;
type Builder = SelectQueryBuilder<ArchiveTables, 'study' | 'series' | 'instance', object>;

/** What any level's row may hold. */
interface Found {
  readonly study_uid: string;
  readonly study_attributes: string;
  readonly series_count?: number;
  readonly study_instances?: number;
  readonly modalities?: string | null;
  readonly patient_studies?: number;
  readonly patient_series?: number;
  readonly patient_instances?: number;
  readonly series_uid?: string;
  readonly series_attributes?: string;
  readonly series_instances?: number;
  readonly uid?: string;
  readonly class_uid?: string;
  readonly number?: number | null;
  readonly frames?: number;
  readonly rows?: number | null;
  readonly columns?: number | null;
  readonly bits_allocated?: number | null;
  readonly json?: Uint8Array;
}

class Search {
  readonly #query: ArchiveQuery;
  readonly #database: Database;

  constructor(database: Database, query: ArchiveQuery) {
    this.#database = database;
    this.#query = query;
  }

  async rows(where: readonly Condition[]): Promise<Found[]> {
    const { offset = 0, limit } = this.#query;
    let builder = this.#from();
    for (const condition of [...where, ...accessCondition(this.#query.access)]) builder = builder.where(condition);
    let ordered = this.#ordered(builder);
    if (limit !== undefined) ordered = ordered.limit(limit + 1);
    // SQLite knows no offset without a limit.
    else if (offset > 0 && this.#database.dialect === 'sqlite') ordered = ordered.limit(-1);
    if (offset > 0) ordered = ordered.offset(offset);
    return (await ordered.execute()) as unknown as Found[];
  }

  #from(): Builder {
    const tables = this.#database.tables<ArchiveTables>();
    const { level } = this.#query;
    if (level === 'PATIENT') return patients(tables.selectFrom('study') as unknown as Builder);
    if (level === 'STUDY') return studies(tables.selectFrom('study') as unknown as Builder, this.#database.dialect);
    const series = tables.selectFrom('series').innerJoin('study', 'study.id', 'series.study_id') as unknown as Builder;
    if (level === 'SERIES') return seriesOf(series);
    const images = tables
      .selectFrom('instance')
      .innerJoin('series', 'series.id', 'instance.series_id')
      .innerJoin('study', 'study.id', 'instance.study_id') as unknown as Builder;
    return imagesOf(images, this.#query);
  }

  /** Newest studies first; within a parent that is named, by number; else as they came, which an index gives. */
  #ordered(builder: Builder): Builder {
    const { level, match } = this.#query;
    if (level === 'PATIENT') return builder.orderBy(sql`study.patient_id`).orderBy(sql`study.issuer_of_patient_id`);
    if (level === 'STUDY') return builder.orderBy('study.study_date', 'desc').orderBy('study.id', 'desc');
    const within = (tag: string): boolean => match.some((key) => key.tag === tag && key.value !== '');
    if (level === 'SERIES')
      return within('0020000D') ? builder.orderBy('series.number').orderBy('series.id') : builder.orderBy('series.id');
    if (within('0020000E')) return builder.orderBy('instance.number').orderBy('instance.id');
    return within('0020000D')
      ? builder.orderBy('series.number').orderBy('series.id').orderBy('instance.number').orderBy('instance.id')
      : builder.orderBy('instance.id');
  }
}

export function accessCondition({ projects }: Access): Condition[] {
  if (projects === 'all') return [];
  return [projects.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`study.project in (${sql.join([...projects])})`];
}

function patients(builder: Builder): Builder {
  return builder
    .select(sql<string>`max(study.uid)`.as('study_uid'))
    .select(sql<string>`max(study.attributes)`.as('study_attributes'))
    .select(sql<number>`count(*)`.as('patient_studies'))
    .select(sql<number>`sum(study.series_count)`.as('patient_series'))
    .select(sql<number>`sum(study.instance_count)`.as('patient_instances'))
    .groupBy(['study.patient_id', 'study.issuer_of_patient_id']) as Builder;
}

function studies(builder: Builder, dialect: Dialect): Builder {
  return builder
    .select(['study.uid as study_uid', 'study.attributes as study_attributes', 'study.series_count'])
    .select('study.instance_count as study_instances')
    .select(modalitiesOfStudy(dialect).as('modalities')) as Builder;
}

function modalitiesOfStudy(dialect: Dialect) {
  const joined = sql.raw(
    dialect === 'sqlite' ? 'group_concat(distinct m.modality)' : "string_agg(distinct m.modality, ',')",
  );
  return sql<string | null>`(select ${joined} from series as m where m.study_id = study.id)`;
}

function seriesOf(builder: Builder): Builder {
  return builder
    .select(['study.uid as study_uid', 'study.attributes as study_attributes'])
    .select(['series.uid as series_uid', 'series.attributes as series_attributes'])
    .select('series.instance_count as series_instances') as Builder;
}

function imagesOf(builder: Builder, { include = [] }: ArchiveQuery): Builder {
  const rows = seriesOf(builder)
    .select(['instance.uid as uid', 'instance.class_uid as class_uid', 'instance.number as number'])
    .select(['instance.frames as frames', 'instance.rows as rows', 'instance.columns as columns'])
    .select('instance.bits_allocated as bits_allocated') as Builder;
  if (include.length === 0) return rows;
  return rows
    .leftJoin('instance_metadata', 'instance_metadata.instance_id', 'instance.id')
    .select('instance_metadata.json as json') as unknown as Builder;
}

/** What the standard requires of each level: PS3.18 tables 10.6.3-3 to 5; of patients, PS3.4 C.6.1.1.2. */
const REQUIRED = {
  PATIENT: '00100010 00100020 00100030 00100040'.split(' '),
  STUDY: '00080020 00080030 00080050 00080090 00081030 00100010 00100020 00100030 00100040 0020000D 00200010'.split(
    ' ',
  ),
  SERIES: '00080060 0008103E 0020000E 00200011 00400244 00400245 00400275'.split(' '),
};
const VRS: Readonly<Record<string, string>> = {
  ...{ '00080020': 'DA', '00080030': 'TM', '00080050': 'SH', '00080060': 'CS', '00080090': 'PN', '00081030': 'LO' },
  ...{ '0008103E': 'LO', '00100010': 'PN', '00100020': 'LO', '00100030': 'DA', '00100040': 'CS', '0020000D': 'UI' },
  ...{ '0020000E': 'UI', '00200010': 'SH', '00200011': 'IS', '00400244': 'DA', '00400245': 'TM', '00400275': 'SQ' },
};

const texts = (vr: string, ...values: readonly string[]): JsonElement => ({ vr, Value: values });
const count = (value: number | undefined): JsonElement => ({ vr: 'IS', Value: [Number(value ?? 0)] });
const whole = (vr: string, value: number | null | undefined): JsonElement =>
  value === null || value === undefined ? { vr } : { vr, Value: [value] };

function answerOf(row: Found, query: ArchiveQuery): DicomJson {
  const { level, match } = query;
  const study = JSON.parse(row.study_attributes) as DicomJson;
  const parents = { ...study, ...(row.series_attributes ? (JSON.parse(row.series_attributes) as DicomJson) : {}) };
  const known = row.json ? { ...parents, ...unpackJson(row.json) } : parents;
  const named = match.some(({ tag, value }) => tag === '0020000D' && value !== '');
  const required = [
    ...(level === 'PATIENT' ? REQUIRED.PATIENT : []),
    ...(level === 'STUDY' || (level !== 'PATIENT' && !named) ? REQUIRED.STUDY : []),
    ...(level === 'SERIES' || level === 'IMAGE' ? REQUIRED.SERIES : []),
  ];
  const answer = { ...picked(known, required), ...levelOwn(row, query), ...included(known, query) };
  return Object.fromEntries(Object.entries(answer).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function picked(known: DicomJson, tags: readonly string[]): DicomJson {
  return Object.fromEntries(tags.map((tag) => [tag, known[tag] ?? { vr: VRS[tag] ?? 'LO' }]));
}

/** What the index itself knows. */
function levelOwn(row: Found, { level }: ArchiveQuery): DicomJson {
  if (level === 'PATIENT')
    return {
      '00201200': count(row.patient_studies),
      '00201202': count(row.patient_series),
      '00201204': count(row.patient_instances),
    };
  const online = { '00080056': texts('CS', 'ONLINE'), '0020000D': texts('UI', row.study_uid) };
  if (level === 'STUDY')
    return {
      ...online,
      '00080061': row.modalities ? texts('CS', ...row.modalities.split(',').sort()) : { vr: 'CS' },
      '00201206': count(row.series_count),
      '00201208': count(row.study_instances),
    };
  const series = { ...online, '0020000E': texts('UI', row.series_uid ?? '') };
  if (level === 'SERIES') return { ...series, '00201209': count(row.series_instances) };
  return {
    ...series,
    '00080016': texts('UI', row.class_uid ?? ''),
    '00080018': texts('UI', row.uid ?? ''),
    '00200013': whole('IS', row.number),
    ...((row.frames ?? 0) === 0
      ? {}
      : {
          '00280008': whole('IS', row.frames),
          '00280010': whole('US', row.rows),
          '00280011': whole('US', row.columns),
          '00280100': whole('US', row.bits_allocated),
        }),
  };
}

/** Attributes that were asked for, and those that were matched: PS3.18 8.3.4.3. */
function included(known: DicomJson, { include = [], match }: ArchiveQuery): DicomJson {
  if (include === 'all') return known;
  const tags = [...include, ...match.map(({ tag }: MatchKey) => tag)].map((path) => path.slice(0, 8));
  return Object.fromEntries(tags.flatMap((tag) => (known[tag] ? [[tag, known[tag]]] : [])));
}

import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { ArchiveQuery, Level, MatchKey } from './archive.ts';
import type { Dialect } from './database.ts';
import { type QueryColumn, queryColumn } from './query-columns.ts';
import { nameWords, searchName } from './search-name.ts';
import { searchDate, searchTime } from './search-time.ts';

type Condition = Expression<SqlBool>;

export interface Conditions {
  readonly where: readonly Condition[];
  readonly ignored: readonly string[];
  readonly notFuzzy: readonly string[];
}

const DATE_TIMES = [
  { date: '00080020', time: '00080030' },
  { date: '00400244', time: '00400245' },
];

/** What a query's keys demand, in SQL. A key without a column here is ignored, and the client is told. */
export function matchConditions({ match, level, fuzzy = false }: ArchiveQuery, dialect: Dialect): Conditions {
  const keys = match.filter(({ value }) => !isUniversal(value));
  const ignored = match.filter(({ tag }) => queryColumn(tag, level) === undefined).map(({ tag }) => tag);
  const known = keys.filter(({ tag }) => !ignored.includes(tag));
  const pairs = DATE_TIMES.flatMap((tags) => combined(known, tags, level));
  const paired = new Set(pairs.flatMap(({ tags }) => tags));
  const single = known.filter(({ tag }) => !paired.has(tag));
  return {
    where: [
      ...pairs.map(({ condition }) => condition),
      ...single.map(({ tag, value }) =>
        condition({ value, fuzzy, dialect, column: queryColumn(tag, level) as QueryColumn, tag }),
      ),
    ],
    ignored,
    notFuzzy: fuzzy
      ? single.filter(({ tag, value }) => isName(tag, level) && /[*?]/.test(value)).map(({ tag }) => tag)
      : [],
  };
}

const isUniversal = (value: string): boolean => /^\**$/.test(value);
const isName = (tag: string, level: Level): boolean => queryColumn(tag, level)?.kind === 'name';

interface Comparison {
  readonly tag: string;
  readonly value: string;
  readonly column: QueryColumn;
  readonly fuzzy: boolean;
  readonly dialect: Dialect;
}

function condition(comparison: Comparison): Condition {
  const { column, value, dialect } = comparison;
  const place = sql.ref(column.column);
  switch (column.kind) {
    case 'uid':
      return sql`${place} in (${sql.join(value.split('\\').map((uid) => uid.trim()))})`;
    case 'date':
      return range(place, boundsOf(value, searchDate, searchDate));
    case 'time':
      return range(
        place,
        boundsOf(value, searchTime, (time) => searchTime(time, 'most')),
      );
    case 'number':
      return /^ *[+-]?\d{1,10} *$/.test(value) && Math.abs(Number(value)) < 2 ** 31
        ? sql`${place} = ${Number(value)}`
        : sql`1 = 0`;
    case 'name':
      return nameCondition(comparison);
    case 'request':
      return wildcard(place, `*\\${value.trim()}\\*`, dialect);
    case 'modalities':
      return modalities(place, value.split('\\'), dialect);
    default:
      return anyOf(value.split('\\').map((one) => wildcard(place, one.trim(), dialect)));
  }
}

const anyOf = (conditions: readonly Condition[]): Condition => sql`(${sql.join([...conditions], sql` or `)})`;
const allOf = (conditions: readonly Condition[]): Condition => sql`(${sql.join([...conditions], sql` and `)})`;

function modalities(study: RawBuilder<unknown>, values: readonly string[], dialect: Dialect): Condition {
  const one = anyOf(values.map((value) => wildcard(sql.ref('s.modality'), value.trim(), dialect)));
  return sql`exists (select 1 from series as s where s.study_id = ${study} and ${one})`;
}

/** Names regardless of case and accents, by any of their groups: PS3.4 C.2.2.2.1; fuzzy, by the beginnings of their words. */
function nameCondition({ tag, value, column, fuzzy, dialect }: Comparison): Condition {
  if (fuzzy && !/[*?]/.test(value)) {
    const words = nameWords(value).map((word) => {
      const starts = range(sql.ref('w.word'), [word, `${word}\uffff`]);
      return sql<SqlBool>`exists (select 1 from study_word as w where w.tag = ${tag} and ${starts} and w.study_id = study.id)`;
    });
    return allOf(words.length > 0 ? words : [sql`1 = 1`]);
  }
  const columns =
    tag === '00100010'
      ? ['alphabetic', 'ideographic', 'phonetic'].map((group) => `${column.column}_${group}`)
      : [column.column];
  const groups = value.split('=').map(searchName);
  if (groups.length > 1) {
    const given = groups.flatMap((group, i) =>
      group === '' || columns[i] === undefined ? [] : [{ group, at: columns[i] }],
    );
    return allOf(given.map(({ group, at }) => wildcard(sql.ref(at), group, dialect)));
  }
  return anyOf(columns.map((at) => wildcard(sql.ref(at), groups[0] ?? '', dialect)));
}

/** `*` stands for any letters, `?` for one: PS3.4 C.2.2.2.4. The letters before the first of them go by the index. */
function wildcard(place: RawBuilder<unknown>, value: string, dialect: Dialect): Condition {
  const start = value.search(/[*?]/);
  if (start < 0) return sql`${place} = ${value}`;
  const like =
    dialect === 'sqlite'
      ? sql<SqlBool>`${place} glob ${value.replaceAll('[', '[[]')}`
      : sql<SqlBool>`${place} like ${value
          .replaceAll(/[\\%_]/g, '\\$&')
          .replaceAll('*', '%')
          .replaceAll('?', '_')}`;
  if (start === 0) return like;
  const beginning = value.slice(0, start);
  return allOf([range(place, [beginning, `${beginning}\u{10ffff}`]), like]);
}

type Bounds = readonly [least: string | undefined, most: string | undefined];

/** `a-b`, `a-`, `-b`, `a`: PS3.4 C.2.2.2.5. */
function boundsOf(value: string, least: (text: string) => string, most: (text: string) => string): Bounds {
  const text = value.trim();
  const [from = '', to = from] = text.includes('-') ? text.split('-').map((part) => part.trim()) : [text];
  return [from === '' ? undefined : least(from), to === '' ? undefined : most(to)];
}

function range(place: RawBuilder<unknown>, [least, most]: Bounds): Condition {
  return allOf([
    ...(least === undefined ? [] : [sql<SqlBool>`${place} >= ${least}`]),
    ...(most === undefined ? [] : [sql<SqlBool>`${place} <= ${most}`]),
    ...(least === undefined && most === undefined ? [sql<SqlBool>`1 = 1`] : []),
  ]);
}

/** Ranges of a date and its time are one range from the first instant to the last: PS3.4 C.2.2.2.5.4. */
function combined(keys: readonly MatchKey[], tags: { date: string; time: string }, level: Level) {
  const [date, time] = [keys.find(({ tag }) => tag === tags.date), keys.find(({ tag }) => tag === tags.time)];
  const [dateColumn, timeColumn] = [queryColumn(tags.date, level), queryColumn(tags.time, level)];
  if (!date?.value.includes('-') || !time?.value.includes('-') || !dateColumn || !timeColumn) return [];
  const [fromDate, toDate] = boundsOf(date.value, searchDate, searchDate);
  const [fromTime, toTime] = boundsOf(time.value, searchTime, (text) => searchTime(text, 'most'));
  const places = [sql.ref(dateColumn.column), sql.ref(timeColumn.column)] as const;
  const bounds = [
    ...(fromDate === undefined
      ? []
      : [edge(places, { date: fromDate, time: fromTime ?? '', strict: sql`>`, loose: sql`>=` })]),
    ...(toDate === undefined
      ? []
      : [edge(places, { date: toDate, time: toTime ?? '~', strict: sql`<`, loose: sql`<=` })]),
  ];
  return [{ tags: [tags.date, tags.time], condition: bounds.length === 0 ? sql<SqlBool>`1 = 1` : allOf(bounds) }];
}

interface Edge {
  readonly date: string;
  readonly time: string;
  readonly strict: RawBuilder<unknown>;
  readonly loose: RawBuilder<unknown>;
}

function edge(
  [datePlace, timePlace]: readonly [RawBuilder<unknown>, RawBuilder<unknown>],
  { date, time, strict, loose }: Edge,
): Condition {
  return sql`(${datePlace} ${strict} ${date} or (${datePlace} = ${date} and coalesce(${timePlace}, '') ${loose} ${time}))`;
}

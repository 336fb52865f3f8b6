import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Access } from '../store/archive.ts';
import type { ArchiveTables } from '../store/tables.ts';
import { contentsOf } from './contents.ts';
import { instantsOf } from './instants.ts';
import { badSearch } from './outcomes.ts';
import type { FhirTables, ResourceTable } from './tables.ts';

type Db = Kysely<FhirTables & ArchiveTables>;
export type Version = ResourceTable & { readonly method: string };

interface HistoryRequest {
  /** All types without it. */
  readonly type?: string;
  readonly query: URLSearchParams;
  readonly access: Access;
  readonly base: string;
}

const COUNT = 100;
const MOST = 1000;
const KNOWN = ['_count', '_since', '_offset'];

/**
 * What became of every resource of a type, or of all, newest first. An ImagingStudy of the archive is told as it is now: what it was
 * before stands in the audit log.
 *
 * @source HL7 FHIR R4 3.1.0.11
 */
export async function historyOf(db: Db, request: HistoryRequest): Promise<Bundle> {
  const { query, base, type } = request;
  for (const key of query.keys())
    if (!KNOWN.includes(key)) throw badSearch(`history has the parameters ${KNOWN.join(', ')}`);
  const [count, offset] = [numberOf(query, '_count', COUNT, MOST), numberOf(query, '_offset', 0, 1e9)];
  const versions = await versionsOf(db, request, { count: count + 1, offset });
  const entry: BundleEntry[] = [];
  for (const version of versions.slice(0, count)) entry.push(await historyEntry(db, version, base));
  const address = (at: number) => {
    const next = new URLSearchParams(query);
    next.set('_offset', String(at));
    return `${base}/${type === undefined ? '' : `${type}/`}_history?${next}`;
  };
  return {
    resourceType: 'Bundle',
    type: 'history',
    link: [
      { relation: 'self', url: address(offset) },
      ...(versions.length > count ? [{ relation: 'next', url: address(offset + count) }] : []),
    ],
    entry,
  };
}

/** One version, as a history tells it. */
export async function historyEntry(db: Db, version: Version, base: string): Promise<BundleEntry> {
  const method = version.method as 'POST' | 'PUT' | 'DELETE';
  const [resource] = method === 'DELETE' ? [] : await contentsOf(db, [version]);
  return {
    fullUrl: `${base}/${version.key}`,
    ...(resource && { resource: resource as Resource }),
    request: { method, url: method === 'POST' ? version.type : version.key },
    response: {
      status: { POST: '201', PUT: '200', DELETE: '204' }[method],
      etag: `W/"${version.version}"`,
      lastModified: version.updated_at,
    },
  };
}

function numberOf(query: URLSearchParams, key: string, without: number, most: number): number {
  const text = query.get(key);
  if (text === null) return without;
  if (!/^\d{1,9}$/.test(text)) throw badSearch(`${key} is a whole number`);
  return Math.min(Number(text), most);
}

async function versionsOf(
  db: Db,
  { type, query, access }: HistoryRequest,
  { count, offset }: { readonly count: number; readonly offset: number },
): Promise<Version[]> {
  const since = query.get('_since');
  const from = since === null ? undefined : instantsOf(since)?.low;
  if (since !== null && from === undefined) throw badSearch('_since is an instant');
  const wanted = (time: RawBuilder<unknown>) => sql`
    ${type === undefined ? sql`1 = 1` : sql`r.type = ${type}`} and ${readable(access)}
    and ${from === undefined ? sql`1 = 1` : sql`${time} >= ${from}`}`;
  const { rows } = await sql<Version>`
    select r.key, r.type, r.id, r.project, r.origin, v.version, v.updated_at, v.method, v.content,
      case when v.method = 'DELETE' then 1 else 0 end as deleted
    from fhir_version as v inner join fhir_resource as r on r.key = v.key where ${wanted(sql`v.updated_at`)}
    union all
    select r.key, r.type, r.id, r.project, r.origin, r.version, r.updated_at, 'PUT' as method, null as content, 0 as deleted
    from fhir_resource as r where r.content is null and r.deleted = 0 and ${wanted(sql`r.updated_at`)}
    order by updated_at desc, key, version desc limit ${count} offset ${offset}`.execute(db);
  return rows;
}

/** Of what was removed too. */
function readable({ projects }: Access): RawBuilder<unknown> {
  if (projects === 'all') return sql`1 = 1`;
  return projects.length === 0 ? sql`1 = 0` : sql`r.project in (${sql.join([...projects])})`;
}

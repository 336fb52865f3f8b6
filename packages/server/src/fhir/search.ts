import type { SearchRequest, WithId } from '@medplum/core';
import { getExtraEntries } from '@medplum/fhir-router';
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { type Expression, type SqlBool, sql } from 'kysely';
import { contentsOf, SUBSETTED } from './contents.ts';
import type { Definitions } from './definitions.ts';
import { badSearch } from './outcomes.ts';
import type { Repository } from './repository.ts';
import { isKeptType } from './resource-types.ts';
import { filterCondition, visible } from './search-conditions.ts';
import type { ResourceTable } from './tables.ts';

const DEFAULT_COUNT = 20;
const MOST = 1000;

/** One page of a search, with what it includes. @throws 400 for what is not understood */
export async function search(repository: Repository, request: SearchRequest): Promise<Bundle<WithId<Resource>>> {
  const { definitions, base } = repository.context;
  const conditions = conditionsOf(repository, request);
  const count = Math.min(whole(request.count, DEFAULT_COUNT, '_count'), MOST);
  const offset = whole(request.offset, 0, '_offset');
  const rows = count === 0 ? [] : await rowsOf(repository, request, { conditions, count: count + 1, offset });
  const resources = await contentsOf(repository.context.db, rows.slice(0, count));
  const entry: BundleEntry[] = resources.map((resource) => ({
    fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
    search: { mode: 'match' },
    resource,
  }));
  if (request.include || request.revInclude)
    await getExtraEntries(repository, request, resources, entry, { fullUrl: (type, id) => `${base}/${type}/${id}` });
  const address = (at: number) =>
    `${base}/${request.resourceType}${definitions.core.formatSearchQuery({ ...request, count, offset: at })}`;
  const link = [
    { relation: 'self', url: address(offset) },
    ...(rows.length > count ? [{ relation: 'next', url: address(offset + count) }] : []),
    ...(offset > 0 ? [{ relation: 'previous', url: address(Math.max(0, offset - count)) }] : []),
  ];
  const wantsTotal = request.total === 'accurate' || request.total === 'estimate' || count === 0;
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(wantsTotal && { total: await totalOf(repository, conditions) }),
    link,
    ...(count > 0 && {
      entry: entry.map((each) => ({ ...each, resource: subset(definitions, request, each.resource) })),
    }),
  } as Bundle<WithId<Resource>>;
}

function whole(value: number | undefined, otherwise: number, name: string): number {
  if (value === undefined) return otherwise;
  if (!Number.isInteger(value) || value < 0) throw badSearch(`${name} is a whole number`);
  return value;
}

function conditionsOf({ context }: Repository, request: SearchRequest): Expression<SqlBool>[] {
  const types = (request.types ?? [request.resourceType]) as string[];
  const unknown = types.find((type) => !isKeptType(type));
  if (unknown !== undefined) throw badSearch(`resources of type ${unknown.slice(0, 64)} are not kept here`);
  const scope = { definitions: context.definitions, access: context.read };
  return [
    sql<SqlBool>`${isLed(request) ? sql`(r.type || '')` : sql`r.type`} in (${sql.join(types)})`,
    visible('r', context.read),
    ...(request.filters ?? []).map((filter) => filterCondition(scope, { type: types[0] ?? '', alias: 'r' }, filter)),
  ];
}

/**
 * Whether some filter names the resources itself: then the index on types, and that on keys for their order, would only lead the planner
 * away from it.
 */
function isLed({ filters = [] }: SearchRequest): boolean {
  return filters.some(
    ({ code, operator }) =>
      (!code.startsWith('_') || code === '_id' || code.startsWith('_has:')) &&
      !['not', 'ne', 'missing', 'present'].includes(operator),
  );
}

interface Page {
  readonly conditions: readonly Expression<SqlBool>[];
  readonly count: number;
  readonly offset: number;
}

function rowsOf({ context }: Repository, request: SearchRequest, page: Page): Promise<ResourceTable[]> {
  let query = context.db.selectFrom('fhir_resource as r').selectAll();
  for (const condition of page.conditions) query = query.where(condition);
  for (const { code, descending } of request.sortRules ?? [])
    query = query.orderBy(sortKey(context.definitions, request, code), descending ? 'desc' : 'asc');
  return query
    .orderBy(isLed(request) ? sql`r.key || ''` : sql`r.key`)
    .limit(page.count)
    .offset(page.offset)
    .execute();
}

function sortKey({ core }: Definitions, { resourceType }: SearchRequest, code: string) {
  if (code === '_lastUpdated') return sql.ref('r.updated_at');
  if (code === '_id') return sql.ref('r.id');
  if (!core.getSearchParameter(resourceType, code))
    throw badSearch(`${resourceType} cannot be sorted by ${code.slice(0, 64)}`);
  return sql`(select min(coalesce(s.low, s.value)) from fhir_value as s where s.key = r.key and s.code = ${code})`;
}

async function totalOf({ context }: Repository, conditions: readonly Expression<SqlBool>[]): Promise<number> {
  let query = context.db.selectFrom('fhir_resource as r').select(sql<number>`count(*)`.as('total'));
  for (const condition of conditions) query = query.where(condition);
  return Number((await query.executeTakeFirstOrThrow()).total);
}

/** `_elements` and `_summary`: what was asked for, what has to be there, and the mark that it is a part. */
function subset(
  { core }: Definitions,
  { fields, summary }: SearchRequest,
  resource: Resource | undefined,
): Resource | undefined {
  if (resource === undefined || (fields === undefined && summary === undefined)) return resource;
  const type = core.tryGetDataType(resource.resourceType);
  const needed = new Set(['resourceType', 'id', 'meta', ...(type?.mandatoryProperties ?? [])]);
  const wanted = (name: string): boolean => {
    if (needed.has(name)) return true;
    if (fields) return fields.includes(name);
    if (summary === 'data') return name !== 'text';
    if (summary === 'text') return name === 'text';
    return type?.summaryProperties?.has(name) ?? true;
  };
  const kept = Object.entries(resource).filter(([name]) => wanted(name.replace(/^_/, '')));
  const tag = [...(resource.meta?.tag ?? []).filter(({ code }) => code !== 'SUBSETTED'), SUBSETTED];
  return { ...Object.fromEntries(kept), meta: { ...resource.meta, tag } } as Resource;
}

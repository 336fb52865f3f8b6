import type { Filter } from '@medplum/core';
import type { ResourceType, SearchParameter } from '@medplum/fhirtypes';
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Access } from '../store/archive.ts';
import { STUDY_UID } from './archive-values.ts';
import type { Definitions } from './definitions.ts';
import { instantsOf } from './instants.ts';
import { badSearch } from './outcomes.ts';
import { searchText } from './search-text.ts';
import { textToken } from './search-values.ts';
import { sortableNumber } from './sortable-number.ts';

type Condition = Expression<SqlBool>;

export interface SearchScope {
  readonly definitions: Definitions;
  readonly access: Access;
}

/** A row of `fhir_resource` by its alias. */
interface Target {
  readonly type: string;
  readonly alias: string;
}

const anyOf = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? sql`1 = 0` : sql`(${sql.join([...conditions], sql` or `)})`;

/** What a filter demands of a resource. @throws 400 for a parameter, modifier or value that is none */
export function filterCondition(scope: SearchScope, target: Target, filter: Filter): Condition {
  const { code } = filter;
  if (code.startsWith('_has:')) return hasCondition(scope, target, filter);
  if (code.includes('.')) return chainCondition(scope, target, filter);
  if (code === '_id') {
    const keys = listOf(filter.value).map((id) => `${target.type}/${id}`);
    return sql`${sql.ref(`${target.alias}.key`)} in (${sql.join(keys)})`;
  }
  if (code === '_lastUpdated')
    return anyOf(listOf(filter.value).map((value) => updated(sql.ref(`${target.alias}.updated_at`), filter, value)));
  const parameter = parameterOf(scope, target.type, code);
  if (target.type === 'ImagingStudy' && (code === 'instance' || code === 'dicom-class'))
    return instanceCondition(target, filter);
  if (filter.operator === 'missing' || filter.operator === 'present') {
    const there = valueRow(target, code, []);
    return (filter.operator === 'missing') === (filter.value === 'true') ? sql`not ${there}` : there;
  }
  const any = anyOf(
    listOf(filter.value).map((value) => valueRow(target, code, [compare(scope, parameter, { filter, value })])),
  );
  return filter.operator === 'not' || filter.operator === 'ne' ? sql`not ${any}` : any;
}

/** Instances stand in the archive's own index. */
function instanceCondition(target: Target, { code, value }: Filter): Condition {
  const place = sql.ref(code === 'instance' ? 'instance.uid' : 'instance.class_uid');
  const uids = listOf(value).map((each) => each.replace(/^.*\|/, '').replace(/^urn:oid:/, ''));
  const studies = sql`select study.uid from instance inner join study on study.id = instance.study_id where ${place} in (${sql.join(uids)})`;
  return valueRow(target, STUDY_UID, [(row) => sql`${sql.ref(`${row}.value`)} in (${studies})`]);
}

/** Commas separate; a backslash takes the meaning of the sign after it: FHIR R4 3.1.1.4.6. */
function listOf(value: string): string[] {
  const parts = value.match(/(\\.|[^,\\])+/gs) ?? [];
  return parts.map((part) => part.replaceAll(/\\(.)/gs, '$1'));
}

function parameterOf({ definitions: { core } }: SearchScope, type: string, code: string): SearchParameter {
  const parameter = core.getSearchParameter(type, code);
  if (!parameter || code.startsWith('_compartment') || code === '_project')
    throw badSearch(`${type} has no search parameter ${code}`);
  return parameter;
}

let aliases = 0;
function nextAlias(letter: string): string {
  aliases = (aliases + 1) % 100;
  return `${letter}${aliases}`;
}

/** By a set of keys, not row by row: the index on values leads. */
function valueRow(
  { alias, type }: Target,
  code: string,
  conditions: readonly ((row: string) => Condition)[],
): Condition {
  const row = nextAlias('v');
  const more = conditions.map((condition) => sql` and ${condition(row)}`);
  const found = sql`select ${sql.ref(`${row}.key`)} from fhir_value as ${sql.ref(row)} where ${sql.ref(`${row}.type`)} = ${type} and ${sql.ref(`${row}.code`)} = ${code}${sql.join(more, sql``)}`;
  return sql`${sql.ref(`${alias}.key`)} in (${found})`;
}

interface Wanted {
  readonly filter: Filter;
  readonly value: string;
}

function compare(scope: SearchScope, parameter: SearchParameter, wanted: Wanted): (row: string) => Condition {
  const { filter, value } = wanted;
  switch (parameter.type) {
    case 'token':
      return (row) => tokenCondition(row, wanted);
    case 'string':
      return (row) => stringCondition(row, wanted);
    case 'date':
      return (row) => between(row, filter.operator, boundsOfDate(value));
    case 'number':
    case 'quantity':
      return (row) => quantityCondition(row, wanted);
    case 'reference':
      return (row) => referenceCondition(row, wanted, targetTypes(scope, parameter));
    case 'uri':
      return (row) => sql`${sql.ref(`${row}.value`)} = ${value}`;
    default:
      throw badSearch(`parameter ${filter.code} is ${parameter.type}, which is not searched here`);
  }
}

function tokenCondition(row: string, { filter, value }: Wanted): Condition {
  const [place, system] = [sql.ref(`${row}.value`), sql.ref(`${row}.system`)];
  if (filter.operator === 'text') return startsWith(place, textToken(value));
  const bar = value.indexOf('|');
  if (bar < 0) return sql`${place} = ${value}`;
  const [wanted, code] = [value.slice(0, bar), value.slice(bar + 1)];
  return code === '' ? sql`${system} = ${wanted}` : sql`(${place} = ${code} and ${system} = ${wanted})`;
}

function stringCondition(row: string, { filter, value }: Wanted): Condition {
  const place = sql.ref(`${row}.value`);
  if (filter.operator === 'exact') return sql`${sql.ref(`${row}.system`)} = ${value}`;
  if (filter.operator === 'contains')
    return sql`${place} like ${`%${searchText(value).replaceAll(/[\\%_]/g, '\\$&')}%`} escape '\\'`;
  return startsWith(place, searchText(value));
}

const startsWith = (place: RawBuilder<unknown>, text: string): Condition =>
  sql`(${place} >= ${text} and ${place} < ${`${text}\u{10ffff}`})`;

function referenceCondition(row: string, { filter, value }: Wanted, types: readonly string[]): Condition {
  const place = sql.ref(`${row}.value`);
  if (filter.operator === 'identifier') {
    const bar = value.indexOf('|');
    const own = sql<SqlBool>`${place} = ${`identifier:${value.slice(bar + 1)}`}`;
    return bar < 0 ? own : sql`(${own} and ${sql.ref(`${row}.system`)} = ${value.slice(0, bar)})`;
  }
  const whole = value.includes('/') || value.startsWith('urn:') ? [value] : types.map((type) => `${type}/${value}`);
  return sql`${place} in (${sql.join(whole)})`;
}

function targetTypes({ definitions: { core } }: SearchScope, parameter: SearchParameter): readonly string[] {
  const base = parameter.base?.[0] as ResourceType;
  const targets = parameter.target ?? core.getSearchParameterDetails(base, parameter).referenceTargetTypes;
  return targets && targets.length > 0 ? targets : ['Patient'];
}

function quantityCondition(row: string, { filter, value }: Wanted): Condition {
  const [number = '', system, code] = value.split('|');
  const [operator, digits] = prefixOf(number, filter.operator);
  const wanted = Number(digits);
  if (digits === '' || Number.isNaN(wanted)) throw badSearch(`${filter.code} needs a number`);
  // Implicit precision: FHIR R4 3.1.1.4.8.
  const half = 0.5 * 10 ** -(digits.split('.')[1]?.length ?? 0);
  const bounds = { low: sortableNumber(wanted - half), high: sortableNumber(wanted + half) };
  const exact = { low: sortableNumber(wanted), high: sortableNumber(wanted) };
  const amount = between(row, operator, operator === 'eq' || operator === 'ne' ? bounds : exact);
  const unit = code ? sql`${sql.ref(`${row}.value`)} = ${code}` : sql`1 = 1`;
  const inSystem = system ? sql`${sql.ref(`${row}.system`)} = ${system}` : sql`1 = 1`;
  return sql`(${amount} and ${unit} and ${inSystem})`;
}

function prefixOf(value: string, operator: string): [operator: string, rest: string] {
  const [, prefix, rest] = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)$/s.exec(value) ?? [];
  return [prefix ?? operator, rest ?? ''];
}

interface Bounds {
  readonly low: string;
  readonly high: string;
}

function boundsOfDate(value: string): Bounds {
  const instants = instantsOf(prefixOf(value, 'eq')[1]);
  if (!instants) throw badSearch('a date is written as YYYY, YYYY-MM, YYYY-MM-DD or with a time');
  return instants;
}

/** FHIR R4 3.1.1.4.7: what is stored is a range too. */
function between(row: string, operator: string, { low, high }: Bounds): Condition {
  const [from, to] = [sql.ref(`${row}.low`), sql.ref(`${row}.high`)];
  switch (operator) {
    case 'gt':
      return sql`${to} > ${high}`;
    case 'lt':
      return sql`${from} < ${low}`;
    case 'ge':
      return sql`(${from} >= ${low} or ${to} > ${high})`;
    case 'le':
      return sql`(${to} <= ${high} or ${from} < ${low})`;
    case 'sa':
      return sql`${from} > ${high}`;
    case 'eb':
      return sql`${to} < ${low}`;
    case 'ap':
      return sql`(${from} <= ${high} and ${to} >= ${low})`;
    case 'eq':
    case 'ne':
      return sql`(${from} >= ${low} and ${to} <= ${high})`;
    default:
      throw badSearch(`modifier or prefix ${operator} has no meaning here`);
  }
}

function updated(place: RawBuilder<unknown>, { operator }: Filter, value: string): Condition {
  const { low, high } = boundsOfDate(value);
  if (operator === 'gt' || operator === 'sa') return sql`${place} > ${high}`;
  if (operator === 'lt' || operator === 'eb') return sql`${place} < ${low}`;
  if (operator === 'ge') return sql`${place} >= ${low}`;
  if (operator === 'le') return sql`${place} <= ${high}`;
  return sql`(${place} >= ${low} and ${place} <= ${high})`;
}

/** `subject:Patient.name=…`: a resource referred to has to fit. */
function chainCondition(scope: SearchScope, target: Target, filter: Filter): Condition {
  const dot = filter.code.indexOf('.');
  const [code = '', named] = filter.code.slice(0, dot).split(':');
  const rest = { ...filter, code: filter.code.slice(dot + 1) };
  const parameter = parameterOf(scope, target.type, code);
  const types = named === undefined ? targetTypes(scope, parameter) : [named];
  const first = rest.code.split(/[.:]/)[0] ?? '';
  const fitting = types.filter(
    (type) => first.startsWith('_') || scope.definitions.core.getSearchParameter(type, first),
  );
  if (parameter.type !== 'reference' || fitting.length === 0)
    throw badSearch(`${filter.code} joins nothing that can be searched`);
  return anyOf(fitting.map((type) => valueRow(target, code, [(row) => joined(scope, type, { row, filter: rest })])));
}

function joined(scope: SearchScope, type: string, { row, filter }: { row: string; filter: Filter }): Condition {
  const alias = nextAlias('r');
  const fits = filterCondition(scope, { type, alias }, understood(scope, type, filter));
  return sql`${sql.ref(`${row}.value`)} in (select ${sql.ref(`${alias}.key`)} from fhir_resource as ${sql.ref(alias)} where ${sql.ref(`${alias}.type`)} = ${type} and ${visible(alias, scope.access)} and ${fits})`;
}

/** The end of a chain has modifiers and prefixes of its own. */
function understood({ definitions: { core } }: SearchScope, type: string, { code, value }: Filter): Filter {
  const [filter] = core.parseSearchRequest(type as ResourceType, { [code]: value }).filters ?? [];
  if (filter === undefined) throw badSearch(`${code} is no search parameter`);
  return filter;
}

/** `_has:Observation:subject:code=…`: a resource that refers to this one has to fit. */
function hasCondition(scope: SearchScope, { alias }: Target, filter: Filter): Condition {
  const [, type = '', code = '', ...rest] = filter.code.split(':');
  if (type === '' || code === '' || rest.length === 0)
    throw badSearch('_has needs a type, a reference and a parameter');
  if (parameterOf(scope, type, code).type !== 'reference') throw badSearch(`${code} of ${type} is no reference`);
  const [other, row] = [nextAlias('r'), nextAlias('v')];
  const last = understood(scope, type, { ...filter, code: rest.join(':') });
  const fits = filterCondition(scope, { type, alias: other }, last);
  return sql`${sql.ref(`${alias}.key`)} in (select ${sql.ref(`${row}.value`)} from fhir_value as ${sql.ref(row)} inner join fhir_resource as ${sql.ref(other)} on ${sql.ref(`${other}.key`)} = ${sql.ref(`${row}.key`)} where ${sql.ref(`${row}.type`)} = ${type} and ${sql.ref(`${row}.code`)} = ${code} and ${visible(other, scope.access)} and ${fits})`;
}

/** Of the projects that may be read, and not removed. */
export function visible(alias: string, { projects }: Access): Condition {
  const there = sql<SqlBool>`${sql.ref(`${alias}.deleted`)} = 0`;
  if (projects === 'all') return there;
  if (projects.length === 0) return sql`1 = 0`;
  return sql`(${there} and ${sql.ref(`${alias}.project`)} in (${sql.join([...projects])}))`;
}

import type { Resource, SearchParameter } from '@medplum/fhirtypes';
import type { Definitions } from './definitions.ts';
import { instantsOf } from './instants.ts';
import { type SearchValue, searchText } from './search-text.ts';
import { sortableNumber } from './sortable-number.ts';

type Bare = Partial<Omit<SearchValue, 'code'>>;

/** What a resource is found by, for each search parameter of its type. */
export function searchValues({ core }: Definitions, resource: Resource): SearchValue[] {
  const parameters = Object.entries(core.getSearchParameters(resource.resourceType) ?? {});
  const values = parameters.flatMap(([code, parameter]) => {
    if (code.startsWith('_') && !['_profile', '_security', '_source', '_tag'].includes(code)) return [];
    return valuesOf(core, resource, parameter).map((value) => ({
      value: '',
      system: '',
      low: null,
      high: null,
      code,
      ...value,
    }));
  });
  const distinct = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...distinct.values()];
}

function valuesOf(core: Definitions['core'], resource: Resource, parameter: SearchParameter): Bare[] {
  const read = READERS[parameter.type as keyof typeof READERS];
  if (!read || !parameter.expression) return [];
  const { parsedExpression } = core.getSearchParameterDetails(resource.resourceType, parameter);
  const found = core.evalFhirPathTyped(parsedExpression, [core.toTypedValue(resource)]);
  return found.flatMap(({ value }) => (value === undefined || value === null ? [] : read(value)));
}

// Values of FHIRPath have the shapes that FHIR gives their types.
// biome-ignore lint/suspicious/noExplicitAny: the shape follows from the parameter's type, which a schema has checked.
type Found = any;

const READERS: Readonly<Record<string, (value: Found) => Bare[]>> = {
  token: tokens,
  string: strings,
  date: dates,
  reference: references,
  uri: (value) => (typeof value === 'string' ? [{ value }] : []),
  number: (value) => (typeof value === 'number' ? [numbers(value)] : []),
  quantity: ({ value, system, code, unit }) =>
    typeof value === 'number' ? [{ ...numbers(value), value: code ?? unit ?? '', system: system ?? '' }] : [],
};

function tokens(value: Found): Bare[] {
  if (typeof value === 'string' || typeof value === 'boolean') return [{ value: String(value) }];
  if (Array.isArray(value.coding) || value.text !== undefined)
    return [...(value.coding ?? []).flatMap(tokens), ...text(value.text)];
  if (value.code !== undefined || value.display !== undefined)
    return [{ value: value.code ?? '', system: value.system ?? '' }, ...text(value.display)];
  return value.value === undefined ? [] : [{ value: String(value.value), system: value.system ?? '' }];
}

/** Found by `:text` only. */
const TEXT = 'text:';
const text = (words: string | undefined): Bare[] =>
  words === undefined ? [] : [{ value: TEXT + searchText(words), system: TEXT }];
export const textToken = (words: string): string => TEXT + searchText(words);

/** Whole and word by word: `name=zhang` finds "San Zhang". The text as it was written stands as the system. */
function strings(value: Found): Bare[] {
  if (typeof value === 'string') {
    const words = searchText(value).split(/[\s,]+/);
    return [...new Set([searchText(value), ...words])].filter(Boolean).map((word) => ({ value: word, system: value }));
  }
  if (typeof value !== 'object') return [];
  return Object.entries(value as Record<string, unknown>).flatMap(([name, part]) =>
    ['use', 'period', 'extension', 'id', 'type'].includes(name)
      ? []
      : [part].flat().flatMap((one) => (typeof one === 'string' ? strings(one) : [])),
  );
}

function dates(value: Found): Bare[] {
  if (typeof value === 'string') return [instantsOf(value) ?? []].flat();
  if (value.start === undefined && value.end === undefined) return [];
  const low = instantsOf(value.start ?? '0001')?.low ?? null;
  const high = instantsOf(value.end ?? '9999')?.high ?? null;
  return [{ low, high }];
}

function references(value: Found): Bare[] {
  if (typeof value === 'string') return [{ value }];
  const { reference, identifier } = value as { reference?: string; identifier?: { system?: string; value?: string } };
  return [
    ...(reference === undefined ? [] : [{ value: reference }]),
    ...(identifier?.value === undefined
      ? []
      : [{ value: `identifier:${identifier.value}`, system: identifier.system ?? '' }]),
  ];
}

function numbers(value: number): Bare {
  const sortable = sortableNumber(value);
  return { low: sortable, high: sortable };
}

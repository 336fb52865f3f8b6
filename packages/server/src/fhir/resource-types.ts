/** The resources that are kept here, each with all interactions unless it is kept by another part of the product. */
export const RESOURCE_TYPES = [
  'Patient',
  'ImagingStudy',
  'ServiceRequest',
  'DiagnosticReport',
  'Observation',
  'Device',
  'Provenance',
  'AuditEvent',
  'Consent',
  'Task',
  'Subscription',
  'Endpoint',
  'Organization',
  'Practitioner',
] as const;

export const isKeptType = (type: string): boolean => (RESOURCE_TYPES as readonly string[]).includes(type);

const ARCHIVE_PREFIX = 'dcm-';

/** Ids of what follows from the archive; a client cannot write these. */
export const archiveId = (digest: string): string => ARCHIVE_PREFIX + digest.slice(0, 32);

export const isOfArchive = (id: string | undefined): boolean => id?.startsWith(ARCHIVE_PREFIX) ?? false;

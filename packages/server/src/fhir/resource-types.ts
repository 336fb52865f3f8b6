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

import type { BadRequest } from './bad-request.ts';

export const FHIR_REQUESTS: readonly BadRequest[] = [];

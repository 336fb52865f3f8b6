import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';

/** What the library that routes requests understands by the id of an outcome; the last three are ours. */
const STATUSES: Readonly<Record<string, number>> = {
  ok: 200,
  created: 201,
  accepted: 202,
  'not-modified': 304,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  gone: 410,
  'precondition-failed': 412,
  'multiple-matches': 412,
  'content-too-large': 413,
  'unsupported-media-type': 415,
  'business-rule': 422,
  'too-many-requests': 429,
  'server-timeout': 504,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  failed: 500,
};

export function statusOf(outcome: OperationOutcome): number {
  return STATUSES[outcome.id ?? ''] ?? (outcome.issue?.[0]?.code === 'exception' ? 500 : 400);
}

/** A FHIR request is refused. It is an OperationOutcome itself: so the router takes it as the answer. */
export class FhirRefusal extends Error {
  readonly resourceType = 'OperationOutcome';
  readonly id: string;
  readonly issue: OperationOutcomeIssue[];

  constructor(id: string, issues: readonly OperationOutcomeIssue[]) {
    super(issues[0]?.details?.text ?? 'refused');
    this.id = id;
    this.issue = [...issues];
  }
}

/** Without the id, which is no resource's. */
export function outcomeOf(issues: readonly OperationOutcomeIssue[]): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: [...issues] };
}

/** An issue of severity error. */
export function issue(code: OperationOutcomeIssue['code'], text: string, expression?: string): OperationOutcomeIssue {
  return { severity: 'error', code, details: { text }, ...(expression !== undefined && { expression: [expression] }) };
}

/** The library repeats a value that it cannot read; what was sent may name a patient. */
export function unquoted(outcome: OperationOutcome): OperationOutcome {
  const issues = outcome.issue.map((one) => {
    const text = one.details?.text?.replace(/^(Invalid format for [^:]*):.*$/s, '$1');
    return text === undefined ? one : { ...one, details: { ...one.details, text } };
  });
  return { ...outcome, issue: issues };
}

const refusal =
  (id: string, code: OperationOutcomeIssue['code']) =>
  (text: string): FhirRefusal =>
    new FhirRefusal(id, [issue(code, text)]);

export const badSearch = refusal('bad-request', 'invalid');
export const forbidden = refusal('forbidden', 'forbidden');
export const conflict = refusal('conflict', 'conflict');
export const versionDiffers = refusal('precondition-failed', 'conflict');
export const notAllowed = refusal('method-not-allowed', 'not-supported');
export const notFound = (text = 'no such resource'): FhirRefusal => refusal('not-found', 'not-found')(text);
export const gone = (): FhirRefusal => refusal('gone', 'deleted')('the resource was removed');

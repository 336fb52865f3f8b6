import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';

/** A FHIR request is refused: the status and the issues of its OperationOutcome. */
export class FhirRefusal extends Error {
  readonly status: number;
  readonly outcome: OperationOutcome;

  constructor(status: number, issues: readonly OperationOutcomeIssue[]) {
    super(issues[0]?.details?.text ?? 'refused');
    this.status = status;
    this.outcome = outcomeOf(issues);
  }
}

export function outcomeOf(issues: readonly OperationOutcomeIssue[]): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: [...issues] };
}

/** An issue of severity error. */
export function issue(code: OperationOutcomeIssue['code'], text: string, expression?: string): OperationOutcomeIssue {
  return {
    severity: 'error',
    code,
    details: { text },
    ...(expression === undefined ? {} : { expression: [expression] }),
  };
}

export const badSearch = (text: string): FhirRefusal => new FhirRefusal(400, [issue('invalid', text)]);
export const notFound = (): FhirRefusal => new FhirRefusal(404, [issue('not-found', 'no such resource')]);
export const gone = (): FhirRefusal => new FhirRefusal(410, [issue('deleted', 'the resource was removed')]);
export const forbidden = (text: string): FhirRefusal => new FhirRefusal(403, [issue('forbidden', text)]);
export const notKept = (type: string): FhirRefusal =>
  new FhirRefusal(404, [issue('not-supported', `resources of type ${type.slice(0, 64)} are not kept here`)]);
export const keptByArchive = (): FhirRefusal =>
  new FhirRefusal(405, [issue('business-rule', 'this resource follows from the archive and cannot be written')]);

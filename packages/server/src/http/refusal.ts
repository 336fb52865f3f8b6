import { REQUEST_ERRORS, type RequestErrorCode } from '@vesalius/api';

interface RefusalDetails {
  /** What is wrong; never patient data. */
  readonly what: string;
  readonly got?: string;
  readonly expected?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request is refused: the status of its code, and what, got and expected in the body. */
export class Refusal extends Error {
  readonly code: RequestErrorCode;
  readonly details: RefusalDetails;
  readonly statusCode: number;

  constructor(code: RequestErrorCode, details: RefusalDetails) {
    super(`${code}: ${details.what}`);
    this.name = 'Refusal';
    this.code = code;
    this.details = details;
    this.statusCode = REQUEST_ERRORS[code].status;
  }
}

import { type ApiError, REQUEST_ERRORS, type RequestErrorCode } from '@vesalius/api';
import { ERROR_CODES, type ErrorCode, VesaliusError } from '@vesalius/errors';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from './refusal.ts';

/** The HTTP status of each code; what stands not here is a failure of the server: 500. */
const STATUSES: Partial<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  UNKNOWN_OPTION: 400,
  FILE_NOT_FOUND: 404,
  FILE_TRUNCATED: 400,
  FILE_FORMAT: 400,
  FILE_UNSUPPORTED: 415,
  LIMIT_EXCEEDED: 413,
  EMPTY_FOLDER: 400,
  DISK_FULL: 507,
  OUT_OF_MEMORY: 503,
  DATA_MISMATCH: 409,
  GEOMETRY_MISMATCH: 409,
  LABEL_OUT_OF_RANGE: 422,
  VALUE_INVALID: 422,
  NOT_FINITE: 422,
  CHECKPOINT_MISMATCH: 409,
  PEER_UNREACHABLE: 502,
  PEER_TIMEOUT: 504,
  PEER_PROTOCOL: 502,
  PEER_REFUSED: 502,
  ASSOCIATION_REJECTED: 502,
  ASSOCIATION_ENDED: 502,
  CONTEXT_NOT_ACCEPTED: 502,
  INTERRUPTED: 503,
};

/** What an error is answered with: a feature with a format of its own (OperationOutcome) builds its body from these. */
export interface ErrorAnswer extends Omit<ApiError, 'requestId'> {
  readonly headers: Readonly<Record<string, string>>;
}

/** The one place that knows which error is which answer. Errors that nobody foresaw say nothing of themselves. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof Refusal) {
    const { headers = {}, ...details } = error.details;
    return { ...REQUEST_ERRORS[error.code], code: error.code, ...details, headers };
  }
  if (error instanceof VesaliusError && (STATUSES[error.code] ?? 500) !== 500) return knownAnswer(error);
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) return frameworkAnswer(error as Error, status);
  return { ...REQUEST_ERRORS.FAILED, code: 'FAILED', what: 'the server failed', headers: {} };
}

function knownAnswer({ code, details }: VesaliusError): ErrorAnswer {
  return {
    status: STATUSES[code] ?? 500,
    title: ERROR_CODES[code].meaning,
    code,
    what: details.what,
    ...(details.got !== undefined && { got: shown(details.got) }),
    ...(details.expected !== undefined && { expected: shown(details.expected) }),
    headers: {},
  };
}

function frameworkAnswer(error: Error, status: number): ErrorAnswer {
  const found = Object.entries(REQUEST_ERRORS).find(([, each]) => each.status === status);
  const code = (found?.[0] ?? 'BAD_REQUEST') as RequestErrorCode;
  return { title: REQUEST_ERRORS[code].title, status, code, what: error.message, headers: {} };
}

function shown(value: unknown): string {
  return (
    Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as unknown[]).join(', ') : String(value)
  ).slice(0, 400);
}

/** Answers an error as `application/problem+json`; the failures of the server itself are logged, without their message: it may hold data. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { headers, ...answer } = errorAnswer(error);
  if (answer.status >= 500) logFailure(request.log, error);
  if (!request.raw.complete) reply.header('connection', 'close');
  return reply
    .code(answer.status)
    .headers(headers)
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify({ ...answer, requestId: request.id } satisfies ApiError)));
}

/** Logs what failed and where: name, code and stack, never the message of an error that was not ours. */
export function logFailure(log: FastifyBaseLogger, error: unknown): void {
  const { name, code, stack } = error instanceof Error ? (error as Error & { code?: unknown }) : {};
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line));
  const what = error instanceof VesaliusError ? error.details.what : undefined;
  log.error({ failure: { name, code, what, at: frames?.map((line) => line.trim()) } }, 'a request failed');
}

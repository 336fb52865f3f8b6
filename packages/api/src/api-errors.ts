import { ERROR_CODES, type ErrorCode } from '@vesalius/errors';
import { z } from 'zod';

/** Codes that only a request can meet, with the HTTP status each is answered with; the codes of `@vesalius/errors` stand beside them. */
export const REQUEST_ERRORS = {
  BAD_REQUEST: { status: 400, title: 'The request cannot be understood.' },
  CREDENTIALS_IN_URL: { status: 400, title: 'Secrets belong into headers: addresses are logged on their way.' },
  SIGN_IN_NEEDED: { status: 401, title: 'This needs a session or a token.' },
  WRONG_CREDENTIALS: { status: 401, title: 'The credentials are wrong, expired or revoked.' },
  NOT_ALLOWED: { status: 403, title: 'The permission that this needs is not held.' },
  PASSWORD_CHANGE_NEEDED: { status: 403, title: 'The one-time password must be changed first.' },
  CROSS_SITE: { status: 403, title: 'Another site sent this request with the session of a user.' },
  NOT_FOUND: { status: 404, title: 'There is nothing here, or nothing that may be seen.' },
  NOT_ACCEPTABLE: { status: 406, title: 'None of the media types asked for can be given.' },
  TOO_SLOW: { status: 408, title: 'The request did not arrive in time.' },
  CONFLICT: { status: 409, title: 'The request disagrees with what is there.' },
  REVISION_CONFLICT: { status: 412, title: 'Another save came between: it would be lost.' },
  TOO_LARGE: { status: 413, title: 'The request is larger than is granted.' },
  MEDIA_TYPE: { status: 415, title: 'The body has a type or an encoding that is not taken.' },
  REVISION_NEEDED: { status: 428, title: 'If-Match must name the revision that this was made from.' },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests: wait a while.' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The headers are larger than is granted.' },
  FAILED: { status: 500, title: 'The server failed; its log has the request id.' },
  UNAVAILABLE: { status: 503, title: 'The server cannot answer now.' },
} as const satisfies Record<string, { status: number; title: string }>;

export type RequestErrorCode = keyof typeof REQUEST_ERRORS;

const CODES = [...Object.keys(REQUEST_ERRORS), ...Object.keys(ERROR_CODES)] as (RequestErrorCode | ErrorCode)[];

/** The body of every refusal, `application/problem+json` (RFC 9457): what is wrong, what was got, what was expected. */
export const apiErrorSchema = z.object({
  status: z.int().describe('The HTTP status again.'),
  title: z.string().describe('The meaning of the code.'),
  code: z.enum(CODES),
  what: z.string(),
  got: z.string().optional(),
  expected: z.string().optional(),
  requestId: z.string().describe('Under which the server logged the request.'),
});

export type ApiError = z.infer<typeof apiErrorSchema>;

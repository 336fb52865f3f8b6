import { Refusal } from '../http/refusal.ts';

interface Words {
  readonly got?: string;
  readonly expected?: string;
}

/** 400: a request that breaks a rule. */
export function badRequest(what: string, words: Words = {}): Refusal {
  return new Refusal('BAD_REQUEST', { what, ...words });
}

/** 404: nothing there, or nothing that the caller may see. */
export function notFound(what: string, words: Words = {}): Refusal {
  return new Refusal('NOT_FOUND', { what, ...words });
}

/** 406: no form of the resource fits the Accept header. */
export function notAcceptable(expected: readonly string[]): Refusal {
  return new Refusal('NOT_ACCEPTABLE', {
    what: 'media types of Accept',
    got: 'none that can be given',
    expected: expected.join(', '),
  });
}

/** 413: more than this server takes. */
export function tooLarge(what: string, most: number): Refusal {
  return new Refusal('TOO_LARGE', { what, expected: `at most ${most}` });
}

/** 415: a body of a type that is not read. */
export function unsupportedMedia(what: string, words: Words = {}): Refusal {
  return new Refusal('MEDIA_TYPE', { what, ...words });
}

import { ApiRefusal, createClient } from '@vesalius/api';

/** The server this page came from; the browser's session says who asks. */
export const api = createClient({ baseUrl: location.origin });

/** What went wrong, for a person. */
export function wordsOf(error: unknown): string {
  if (error instanceof ApiRefusal) {
    const { title, what, expected } = error.answer;
    return [title, what && `(${what})`, expected && `Expected: ${expected}.`].filter(Boolean).join(' ');
  }
  return error instanceof Error ? error.message : String(error);
}

import { type ApiClient, ApiRefusal, createClient } from '@vesalius/api';
import { connection } from './connection.ts';

const client = createClient({ baseUrl: location.origin });

/** The server this page came from; the browser's session says who asks. */
export const api: ApiClient = {
  call: async (name, options) => {
    try {
      return await client.call(name, options);
    } catch (error) {
      // As `fetch` throws where no answer came.
      if (error instanceof TypeError) connection.suspect();
      throw error;
    }
  },
};

/** What went wrong, for a person. */
export function wordsOf(error: unknown): string {
  if (error instanceof ApiRefusal) {
    const { title, what, expected } = error.answer;
    return [title, what && `(${what})`, expected && `Expected: ${expected}.`].filter(Boolean).join(' ');
  }
  return error instanceof Error ? error.message : String(error);
}

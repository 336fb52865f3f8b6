import type { FastifyInstance } from 'fastify';
import { PAGE_HTML } from './page-html.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

const FILES = {
  '/': ['text/html; charset=utf-8', PAGE_HTML],
  '/landing.css': ['text/css; charset=utf-8', PAGE_STYLE],
  '/landing.js': ['text/javascript; charset=utf-8', PAGE_SCRIPT],
} as const;

/** The first page and its two files: for everybody, as they show nothing before the sign-in. */
export function landingPage(app: FastifyInstance): void {
  for (const [url, [type, text]] of Object.entries(FILES))
    app.get(url, { config: { access: 'public' } }, async (_, reply) => reply.type(type).send(text));
}

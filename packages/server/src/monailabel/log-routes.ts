import type { Call } from './call.ts';
import { countOf, isSet, queryOf } from './call.ts';
import type { Route } from './route.ts';

const LINES = 300;
const MOST_LINES = 1000;

/** What happened, from the audit log: ids and actions, never what is in an image. */
export const LOG_ROUTES: readonly Route[] = [
  { methods: ['GET'], path: '/logs/', access: 'audit.read', handler: logs },
  {
    methods: ['GET'],
    path: '/logs/gpu',
    access: 'audit.read',
    handler: ({ reply }) => reply.type('text/plain').send('No GPU is used.\n'),
  },
];

async function logs(call: Call) {
  const { services, reply } = call;
  const lines = Math.min(countOf(call, 'lines', LINES) || LINES, MOST_LINES);
  const events = await services.audit.find({ limit: lines });
  const text = events
    .map(({ at, outcome, principal, action, entities = [], detail = '' }) =>
      [at, outcome, principal, action, ...entities.map(({ kind, id }) => `${kind} ${id}`), detail].join(' ').trim(),
    )
    .reverse()
    .join('\n');
  const asHtml = !isSet(call, 'text') && (queryOf(call, 'html') ?? 'true') !== 'false';
  if (!asHtml) return reply.type('text/plain; charset=utf-8').send(`${text}\n`);
  const refresh = countOf(call, 'refresh', 0);
  if (refresh > 0) void reply.header('refresh', String(Math.max(refresh, 3)));
  return reply
    .type('text/html; charset=utf-8')
    .send(`<!doctype html><title>Vesalius: log</title><pre>${escaped(text)}</pre>`);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

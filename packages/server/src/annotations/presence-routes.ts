import type { FastifyInstance, FastifyRequest } from 'fastify';
import { apiRoute } from '../http/api-route.ts';
import { Refusal } from '../http/refusal.ts';
import { stateEvents } from '../http/state-events.ts';
import type { Annotations } from './annotations.ts';
import { personOf } from './annotator-of.ts';
import { neededAnnotation } from './needed-annotation.ts';
import type { Presence } from './presence.ts';

/** A page says that it is open on a label map, and hears of the others on its study. */
export function presenceRoutes(app: FastifyInstance, annotations: Annotations, presence: Presence): void {
  const sendEvents = stateEvents(app);

  apiRoute(app, 'tellPresence', async ({ request, body: { tab, act } }) => {
    const visitor = {
      annotation: await neededAnnotation(annotations, request),
      person: personOf(request.principal),
      tab,
    };
    const standing = presence.tell(visitor, act === 'take over');
    if (act === 'leave') presence.leave(visitor);
    return standing;
  });

  app.get('/api/annotations/:annotation/presence', { config: { access: 'annotate' } }, async (request, reply) => {
    const annotation = await neededAnnotation(annotations, request);
    const visitor = { annotation, person: personOf(request.principal), tab: tabOf(request) };
    return sendEvents(reply, (end) => named(presence.follow(visitor, end)));
  });
}

function tabOf({ query }: FastifyRequest): string {
  const { tab } = query as { tab?: unknown };
  if (typeof tab === 'string' && /^[\w-]{1,100}$/.test(tab)) return tab;
  throw new Refusal('BAD_REQUEST', { what: 'query.tab', expected: 'a name of its own for the page' });
}

async function* named(standings: AsyncIterable<object>) {
  for await (const standing of standings) yield { ...standing, state: 'presence' };
}

import {
  type ApiRoute,
  ROUTES,
  type RouteAnswer,
  type RouteBody,
  type RouteName,
  type RouteQuery,
} from '@vesalius/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Refusal } from './refusal.ts';

interface ApiRequest<Name extends RouteName> {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly params: Readonly<Record<string, string>>;
  readonly query: RouteQuery<Name>;
  readonly body: RouteBody<Name>;
}

/** Serves a route of the API as its table says: access, what comes in and what goes out are checked against it. */
export function apiRoute<Name extends RouteName>(
  app: FastifyInstance,
  name: Name,
  answer: (asked: ApiRequest<Name>) => Promise<RouteAnswer<Name>>,
): void {
  const route: ApiRoute = ROUTES[name];
  app.route({
    method: route.method,
    url: route.path,
    config: { access: route.access },
    handler: async (request, reply) => {
      const params = request.params as Record<string, string>;
      const query = checked(route.query, request.query, 'query') as RouteQuery<Name>;
      const body = checked(route.body, request.body, 'body') as RouteBody<Name>;
      const given = route.answer.parse(await answer({ request, reply, params, query, body }));
      return given === undefined ? reply.code(204).send() : given;
    },
  });
}

function checked(schema: z.ZodType | undefined, value: unknown, part: string): unknown {
  if (schema === undefined) return undefined;
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new Refusal('BAD_REQUEST', {
    what: [part, ...(issue?.path ?? [])].join('.').slice(0, 200),
    expected: issue?.message ?? 'another value',
  });
}

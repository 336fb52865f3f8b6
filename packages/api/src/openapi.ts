import { z } from 'zod';
import { apiErrorSchema } from './api-errors.ts';
import type { ApiRoute } from './api-route.ts';
import { ROUTES } from './routes.ts';

/** The API as an OpenAPI 3.1 document, made from the table of routes. */
export function openApiDocument(serverUrl: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, route] of Object.entries<ApiRoute>(ROUTES)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(operationId, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Vesalius', version: '0.1.0', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: serverUrl }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'vesalius-session' },
      },
      schemas: { Error: z.toJSONSchema(apiErrorSchema) },
    },
  };
}

function operation(operationId: string, route: ApiRoute): Record<string, unknown> {
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const params = names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const empty = route.answer instanceof z.ZodVoid;
  return {
    operationId,
    summary: route.summary,
    'x-access': route.access,
    ...(route.access !== 'public' && { security: [{ token: [] }, { session: [] }] }),
    parameters: [...params, ...queryParameters(route)],
    ...(route.body && { requestBody: { required: true, content: json(z.toJSONSchema(route.body, { io: 'input' })) } }),
    responses: {
      [empty ? '204' : '200']: empty
        ? { description: 'Done.' }
        : { description: 'Done.', content: json(z.toJSONSchema(route.answer)) },
      default: {
        description: 'Refused.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function queryParameters({ query }: ApiRoute): Record<string, unknown>[] {
  if (query === undefined) return [];
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' }) as { properties?: Record<string, unknown> };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }));
}

function json(schema: unknown): Record<string, unknown> {
  return { 'application/json': { schema } };
}

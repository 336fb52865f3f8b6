import { VesaliusError } from '@vesalius/errors';
import { type ApiError, apiErrorSchema } from './api-errors.ts';
import type { ApiRoute } from './api-route.ts';
import { ROUTES, type RouteAnswer, type RouteInput, type RouteName, type RouteQuery } from './routes.ts';

interface ClientOptions {
  /** `http://127.0.0.1:8080`; in a browser the own origin. */
  readonly baseUrl: string;
  /** An API token; a browser's session needs none. */
  readonly token?: string;
}

interface CallOptions<Name extends RouteName> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: RouteQuery<Name>;
  readonly body?: RouteInput<Name>;
  readonly signal?: AbortSignal;
}

/** Asks a route of the API by its name in `ROUTES`. @throws ApiRefusal, VesaliusError PEER_PROTOCOL */
export interface ApiClient {
  call<Name extends RouteName>(name: Name, options?: CallOptions<Name>): Promise<RouteAnswer<Name>>;
}

/** The server refused: its own words. */
export class ApiRefusal extends Error {
  readonly answer: ApiError;

  constructor(answer: ApiError) {
    super(`${answer.code}: ${answer.what}`);
    this.name = 'ApiRefusal';
    this.answer = answer;
  }
}

/** A typed client of the API, for browsers and Node. */
export function createClient({ baseUrl, token }: ClientOptions): ApiClient {
  return {
    call: async (name, { params = {}, query, body, signal } = {}) => {
      const route: ApiRoute = ROUTES[name];
      const path = route.path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
      const url = new URL(path, baseUrl);
      for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, String(value));
      const response = await fetch(url, {
        method: route.method,
        headers: {
          accept: 'application/json, application/problem+json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
      const text = await response.text();
      if (!response.ok) throw refusalOf(text, response.status);
      return understood(route.answer, text === '' ? undefined : json(text)) as RouteAnswer<typeof name>;
    },
  };
}

function refusalOf(text: string, status: number): Error {
  const parsed = apiErrorSchema.safeParse(json(text));
  return parsed.success
    ? new ApiRefusal(parsed.data)
    : new VesaliusError('PEER_REFUSED', { what: 'answer of the server', got: status });
}

function understood(schema: ApiRoute['answer'], value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new VesaliusError('PEER_PROTOCOL', {
    what: 'answer of the server',
    got: parsed.error.issues[0]?.path.join('.'),
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

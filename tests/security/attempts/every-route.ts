import { PERMISSIONS, type Permission } from '@vesalius/api';
import type { AttackedServer } from '../attacked-server.ts';
import type { Attempt } from '../attempt.ts';

interface Route {
  readonly method: string;
  readonly url: string;
  readonly access: string;
}

/** What everybody may ask; a new public route has to be written down here. */
const PUBLIC: ReadonlySet<string> = new Set([
  'POST /api/sign-in',
  // Of who is not signed in it says just that.
  'GET /api/session',
  'GET /api/openapi.json',
  'GET /api/open-id/sign-in',
  'GET /api/open-id/callback',
  'GET /.well-known/smart-configuration',
  'GET /fhir/.well-known/smart-configuration',
  'GET /fhir/metadata',
  'GET /projects/:project/fhir/metadata',
  'GET /oauth/authorize',
  'POST /oauth/token',
  'POST /oauth/revoke',
  'GET /',
  ...['', '/projects/:project'].flatMap((prefix) => [
    `GET ${prefix}/monailabel/auth/`,
    `GET ${prefix}/monailabel/auth`,
    `POST ${prefix}/monailabel/auth/token`,
  ]),
  'GET /health',
  'GET /ready',
  'GET /metrics',
]);

const about = 'Every route of the running server';

/** One attempt for each route and kind of credentials, made from what the app itself says it serves. */
export function routeAttempts({ server }: AttackedServer): Attempt[] {
  const routes: readonly Route[] = server.app.servedRoutes;
  const open = routes.filter(({ access }) => access === 'public');
  const kept = routes.filter(({ access }) => access !== 'public');
  return [
    ...open.map(({ method, url }) => ({
      about,
      name: `${method} ${url} is public on purpose`,
      tryIt: async () =>
        PUBLIC.has(`${method.replace('HEAD', 'GET')} ${url}`) ? undefined : 'public, and not in the list',
    })),
    ...KINDS.flatMap(({ kind, expected, tokenFor }) =>
      kept
        .filter(({ access }) => expected === 401 || access !== 'signed in')
        .map((route) => ({
          about,
          name: `${route.method} ${route.url} ${kind}`,
          tryIt: async (target: AttackedServer) => {
            const status = await statusOf(target, route, await tokenFor(target, route.access));
            return status === expected ? undefined : `${status}, expected ${expected}`;
          },
        })),
    ),
  ];
}

interface Kind {
  readonly kind: string;
  readonly expected: number;
  readonly tokenFor: (target: AttackedServer, access: string) => Promise<string | undefined>;
}

const made = new WeakMap<AttackedServer, Map<string, Promise<string>>>();

function once(target: AttackedServer, name: string, make: () => Promise<string>): Promise<string> {
  const tokens = made.get(target) ?? new Map<string, Promise<string>>();
  made.set(target, tokens);
  const token = tokens.get(name) ?? make();
  tokens.set(name, token);
  return token;
}

/** The credentials that must not do. */
export const KINDS: readonly Kind[] = [
  { kind: 'without a token', expected: 401, tokenFor: async () => undefined },
  { kind: 'with a wrong token', expected: 401, tokenFor: async () => `vsl_0123456789abcdef_${'A'.repeat(43)}` },
  {
    kind: 'with an expired token',
    expected: 401,
    tokenFor: (target) => once(target, 'expired', () => target.expiredToken()),
  },
  {
    kind: 'with a token that may do everything else',
    expected: 403,
    tokenFor: (target, access) =>
      once(target, access, () => target.tokenWith(PERMISSIONS.filter((each): each is Permission => each !== access))),
  },
];

async function statusOf({ ask }: AttackedServer, { method, url }: Route, token: string | undefined): Promise<number> {
  const path = url.replaceAll(/:\w+/g, 'default').replaceAll('*', 'x');
  const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(method);
  const { status } = await ask(path, { method, ...(token !== undefined && { token }), ...(hasBody && { json: {} }) });
  return status;
}

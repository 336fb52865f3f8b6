import { type Attempt, eachShut, shut } from '../attempt.ts';

const CSRF = 'Other sites in the browser of a user (CSRF, CORS)';
const EVIL = 'https://evil.example';

export const BROWSER_ATTEMPTS: readonly Attempt[] = [
  {
    about: CSRF,
    name: 'unsafe requests of another site with the cookie of a session',
    tryIt: ({ ask, adminCookie: cookie }) =>
      eachShut(
        [
          { 'sec-fetch-site': 'cross-site' },
          { 'sec-fetch-site': 'same-site' },
          { origin: EVIL },
          { origin: 'null' },
          { referer: `${EVIL}/page` },
          { origin: EVIL, 'content-type': 'text/plain' },
        ],
        async (headers) => {
          const body = JSON.stringify({ id: 'evil', name: 'evil' });
          const sent = { 'content-type': 'application/json', cookie, ...headers };
          const { status } = await ask('/api/projects', {
            method: 'POST',
            body,
            headers: sent as Record<string, string>,
          });
          return shut(JSON.stringify(headers), status, 403);
        },
      ),
  },
  {
    about: CSRF,
    name: 'a form of another site signs a user in as somebody else',
    tryIt: async ({ signIn, adminPassword }) =>
      shut('sign-in', (await signIn('admin', adminPassword, { 'sec-fetch-site': 'cross-site' })).status, 403),
  },
  {
    about: CSRF,
    name: 'another site reads with the cookie of a session',
    tryIt: async ({ ask, adminCookie: cookie }) =>
      shut(
        'read',
        (await ask('/api/users', { headers: { cookie, origin: EVIL, 'sec-fetch-site': 'cross-site' } })).status,
        401,
        403,
      ),
  },
  {
    about: CSRF,
    name: 'preflight and answer allow no other origin',
    tryIt: ({ ask, adminCookie: cookie }) =>
      eachShut([EVIL, 'null', 'http://localhost.evil.example'], async (origin) => {
        const preflight = {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        };
        const asked = await ask('/api/me', { method: 'OPTIONS', headers: preflight });
        const read = await ask('/api/me', { headers: { origin, cookie } });
        const allowed = [asked, read]
          .map(({ headers }) => headers.get('access-control-allow-origin'))
          .find((value) => value !== null);
        return allowed === undefined ? undefined : `${origin} is allowed`;
      }),
  },
  {
    about: CSRF,
    name: 'a page of another site frames, embeds or sniffs what is answered',
    tryIt: ({ ask }) =>
      eachShut(['/', '/health', '/oauth/authorize', '/api/me'], async (path) => {
        const { headers } = await ask(path);
        const policy = headers.get('content-security-policy') ?? '';
        const good =
          policy.includes("frame-ancestors 'none'") &&
          !/unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|\*/.test(policy) &&
          headers.get('x-content-type-options') === 'nosniff' &&
          headers.get('cross-origin-resource-policy') === 'same-origin';
        return good ? undefined : `${path}: ${policy}`;
      }),
  },
  {
    about: CSRF,
    name: 'the first page needs inline scripts or styles',
    tryIt: async ({ ask }) => {
      const { text } = await ask('/');
      return /<script(?![^>]*\ssrc=)[^>]*>|\son\w+=|<style|\sstyle=/i.test(text) ? 'it does' : undefined;
    },
  },
  {
    about: CSRF,
    name: 'a cookie that scripts read or that goes to other sites',
    tryIt: async ({ signIn, adminPassword }) => {
      const [cookie = ''] = (await signIn('admin', adminPassword)).headers.getSetCookie();
      return /HttpOnly/.test(cookie) && /SameSite=Strict/.test(cookie) ? undefined : cookie.replace(/=[^;]+/, '');
    },
  },
  {
    about: CSRF,
    name: 'answers with data that caches may keep',
    tryIt: async ({ ask, tokenWith }) => {
      const { headers } = await ask('/dicom-web/studies', { token: await tokenWith(['archive.read']) });
      return /no-store|private/.test(headers.get('cache-control') ?? '')
        ? undefined
        : String(headers.get('cache-control'));
    },
  },
];

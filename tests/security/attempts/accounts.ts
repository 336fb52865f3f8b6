import { type Attempt, eachShut, shut } from '../attempt.ts';
import { cookieOf } from '../cookie-of.ts';

const about = 'Accounts, sessions and tokens';
const JSON_TYPE = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };

export const ACCOUNT_ATTEMPTS: readonly Attempt[] = [
  {
    about,
    name: 'a session id that the attacker planted (fixation)',
    tryIt: async ({ ask, signIn, adminPassword }) => {
      const planted = 'vesalius-session=planted-by-somebody-else';
      const given = cookieOf(await signIn('admin', adminPassword, { cookie: planted }));
      if (given === planted) return 'the planted id was taken';
      return shut('planted id', (await ask('/api/me', { headers: { cookie: planted } })).status, 401);
    },
  },
  {
    about,
    name: 'the old session after a new sign-in, and the session after sign-out',
    tryIt: async ({ ask, signIn, adminPassword }) => {
      const old = cookieOf(await signIn('admin', adminPassword));
      const next = cookieOf(await signIn('admin', adminPassword, { cookie: old }));
      await ask('/api/sign-out', { method: 'POST', headers: { ...JSON_TYPE, cookie: next }, body: '{}' });
      return eachShut([old, next], async (cookie) =>
        shut('session', (await ask('/api/me', { headers: { cookie } })).status, 401),
      );
    },
  },
  {
    about,
    name: 'a token or password in the address',
    tryIt: async ({ ask, tokenWith, logged }) => {
      const token = await tokenWith(['archive.read']);
      const open = await eachShut(['access_token', 'token', 'api_key', 'Authorization', 'PASSWORD'], async (key) =>
        shut(key, (await ask(`/dicom-web/studies?${key}=${token}`)).status, 400),
      );
      return open ?? (logged.some((line) => line.includes(token)) ? 'the token was logged' : undefined);
    },
  },
  {
    about,
    name: 'the one-time password, the password by Basic, and a default password',
    tryIt: ({ ask, server, adminPassword }) => {
      const oneTime = server.firstAdmin?.oneTimePassword ?? '';
      return eachShut(
        [`admin:${adminPassword}`, `admin:${oneTime}`, 'admin:admin', 'orthanc:orthanc', ':'],
        async (pair) => {
          const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
          return shut('Basic', (await ask('/api/me', { headers: { authorization } })).status, 401);
        },
      );
    },
  },
  {
    about,
    name: 'malformed and forged tokens',
    tryIt: async ({ ask, tokenWith }) => {
      const token = await tokenWith(['archive.read']);
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const forged = `${part({ alg: 'none' })}.${part({ sub: 'admin', iss: 'x', aud: 'vesalius', exp: 9_999_999_999 })}.`;
      const values = [
        `Bearer ${token.slice(0, -1)}`,
        `Bearer ${token}x`,
        `Bearer ${token.slice(0, -43)}${'A'.repeat(43)}`,
        `Bearer ${token.toUpperCase()}`,
        `Bearer ${forged}`,
        `Bearer ${forged}x`,
        'Bearer vsl___',
        "Bearer ' or 1=1 --",
        'Bearer',
        'Basic !!!',
        'Digest username="admin"',
        `${token}`,
      ];
      return eachShut(values, async (authorization) =>
        shut(authorization.slice(0, 12), (await ask('/api/me', { headers: { authorization } })).status, 401),
      );
    },
  },
  {
    about,
    name: 'which names there are, from what is answered',
    tryIt: async ({ signIn }) => {
      const [known, unknown] = [await signIn('admin', 'wrong'), await signIn('nobody-at-all', 'wrong')];
      const stripped = [known, unknown].map(
        ({ status, text }) => `${status} ${text.replace(/"requestId":"[^"]+"/, '')}`,
      );
      return stripped[0] === stripped[1] ? undefined : stripped.join(' / ');
    },
  },
  {
    about,
    name: 'which names there are, from how long it takes',
    tryIt: async ({ signIn }) => {
      const timed = async (name: string) => {
        const started = performance.now();
        await signIn(name, 'wrong');
        return performance.now() - started;
      };
      const times: [number, number][] = [];
      // Below the number of failures that would be paused.
      for (let i = 0; i < 3; i++) times.push([await timed(`unknown-${i}`), await timed('admin')]);
      const best = (k: 0 | 1) => Math.min(...times.map((pair) => pair[k]));
      const ratio = best(1) / best(0);
      return ratio > 0.5 && ratio < 2 ? undefined : `a known name takes ${ratio.toFixed(2)} times as long`;
    },
  },
  {
    about,
    name: 'guessing one password after the other, for a name that exists and one that does not',
    tryIt: async ({ signIn }) =>
      eachShut(['guessed-at', 'admin-2'], async (name) => {
        for (let i = 0; i < 5; i++) await signIn(name, `guess ${i}`);
        return shut(name, (await signIn(name, 'guess')).status, 429);
      }),
  },
  {
    about,
    name: 'a token makes a token, changes a password, makes a user',
    tryIt: async ({ ask, tokenWith }) => {
      const token = await tokenWith(['archive.read']);
      const requests: [string, string, unknown][] = [
        ['POST', '/api/tokens', { name: 'x', permissions: ['archive.read'] }],
        ['PUT', '/api/me/password', { old: 'x', new: 'a new password of length' }],
        ['POST', '/api/users', { name: 'x', grants: [{ project: '*', role: 'admin' }] }],
        ['POST', '/api/clients', { name: 'x', scopes: ['system/*.*'], projects: 'all' }],
      ];
      return eachShut(requests, async ([method, path, json]) =>
        shut(path, (await ask(path, { method, token, json })).status, 403),
      );
    },
  },
  {
    about,
    name: 'fields that a request has no right to set, and __proto__',
    tryIt: async ({ ask, adminCookie }) => {
      const headers = { ...JSON_TYPE, cookie: adminCookie };
      const body = '{"name":"massed","grants":[],"id":"x","__proto__":{"disabled":false}}';
      const polluted = await ask('/api/users', { method: 'POST', headers, body });
      const made = await ask('/api/users', {
        method: 'POST',
        headers,
        body: body.replace(/,"__proto__.*/, ',"password":"known","mustChangePassword":false}'),
      });
      const { user } = JSON.parse(made.text) as { user: { id: string; mustChangePassword: boolean } };
      return (
        shut('__proto__', polluted.status, 400) ??
        (user.id !== 'x' && user.mustChangePassword ? undefined : 'fields were taken')
      );
    },
  },
  {
    about,
    name: 'another address of the server by the Host header',
    tryIt: async ({ raw }) => {
      const answer = await raw(
        'GET /.well-known/smart-configuration HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
      );
      return answer.includes('evil.example') ? 'endpoints at evil.example' : undefined;
    },
  },
];

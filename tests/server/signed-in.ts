import { setTimeout } from 'node:timers/promises';
import { VesaliusError } from '@vesalius/errors';
import type { Job } from '@vesalius/server';

/** One who may use a server, by an API token. */
export interface Person {
  readonly token: string;
  ask(path: string, init?: RequestInit): Promise<Response>;
  json(path: string, body?: object): Promise<unknown>;
  /** Waits until a job has ended. */
  ended(job: unknown): Promise<Job>;
}

interface FirstStart {
  readonly url: string;
  /** Of the token. */
  readonly permissions?: readonly string[];
  readonly firstAdmin?: { readonly name: string; readonly oneTimePassword: string };
}

const USUAL = [
  'archive.read',
  'archive.write',
  'archive.delete',
  'jobs.read',
  'fhir.read',
  'annotate',
  'train',
  'audit.read',
  'export',
  'server.manage',
];

/** What a person does on the first day: signs in with the one-time password, changes it, makes a token. */
export async function firstDay({ url, firstAdmin, permissions = USUAL }: FirstStart): Promise<Person> {
  if (!firstAdmin) throw new VesaliusError('INVALID_ARGUMENT', { what: 'not the first start of this server' });
  const { name, oneTimePassword } = firstAdmin;
  const own = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
  const post = (path: string, body: object, headers = {}, method = 'POST') =>
    fetch(url + path, { method, headers: { ...own, ...headers }, body: JSON.stringify(body) });
  const signedIn = await post('/api/sign-in', { name, password: oneTimePassword });
  const change = { old: oneTimePassword, new: 'a long enough password' };
  const changed = await post('/api/me/password', change, { cookie: cookieOf(signedIn) }, 'PUT');
  if (!changed.ok) throw new VesaliusError('PEER_REFUSED', { what: 'change of password', got: await changed.text() });
  // The session goes on under another id.
  const cookie = cookieOf(changed);
  const made = await post('/api/tokens', { name: 'test', permissions }, { cookie });
  const { token } = (await made.json()) as { token: string };
  return personWith(url, token);
}

function cookieOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
}

/** Asks a server with a token. */
export function personWith(url: string, token: string): Person {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(url + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  const json = async (path: string, body?: object) => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await ask(path, body ? post : {});
    const text = await answer.text();
    if (!answer.ok) throw new VesaliusError('PEER_REFUSED', { what: path, got: `${answer.status} ${text}` });
    return text === '' ? [] : JSON.parse(text);
  };
  const ended = async (begun: unknown): Promise<Job> => {
    for (let job = begun as Job; ; job = (await json(`/api/jobs/${job.id}`)) as Job) {
      if (job.state !== 'waiting' && job.state !== 'running') return job;
      await setTimeout(50);
    }
  };
  return { token, ask, json, ended };
}

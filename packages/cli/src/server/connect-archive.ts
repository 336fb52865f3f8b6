import { setTimeout } from 'node:timers/promises';
import { ApiRefusal, createClient, type Permission } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import type { AuditVerification, Job } from '@vesalius/server';
import { type ArchiveAtWork, type ArchiveTasks, resultOf } from './archive-tasks.ts';

const ASK_EVERY_MS = 300;

/** The archive of a server that runs, by its API. */
export function connectArchive(url: string, token: string | undefined): ArchiveAtWork {
  if (!token)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'VESALIUS_TOKEN',
      got: 'nothing',
      expected: `an API token of the server at ${url}, which works on this data folder (or stop that server)`,
    });
  const ask = (path: string, body?: object) => asked(url + path, token, body);
  return {
    run: async (kind, input, { project, signal, onProgress }) => {
      await demandPermissions(url, token, permissionsOf(kind, input));
      let job = (await ask(...(kind === 'import' ? imports(input, project) : verifications(input)))) as Job;
      signal.addEventListener('abort', () => void ask(`/api/jobs/${job.id}/cancel`, {}).catch(() => undefined));
      while (job.state === 'waiting' || job.state === 'running') {
        await setTimeout(ASK_EVERY_MS);
        job = (await ask(`/api/jobs/${job.id}`)) as Job;
        onProgress(job);
      }
      return resultOf(job) as never;
    },
    verifyAudit: () => audit(url, token),
    close: async () => undefined,
  };
}

/** Asked before anything is begun: a token that may begin but not watch would leave the work done and unseen. */
async function demandPermissions(baseUrl: string, token: string, wanted: readonly Permission[]): Promise<void> {
  const { permissions } = await createClient({ baseUrl, token }).call('me').catch(reported);
  const missing = wanted.filter((each) => !permissions.some(({ permission }) => permission === each));
  if (missing.length === 0) return;
  throw new VesaliusError('PEER_REFUSED', {
    what: 'permissions of the token',
    got: `no ${missing.join(', ')}`,
    expected: wanted.join(', '),
  });
}

function permissionsOf(kind: keyof ArchiveTasks, input: object): Permission[] {
  if (kind === 'verification') return ['server.manage', 'jobs.read'];
  const folder = (input as ArchiveTasks['import']['input']).kind === 'folder';
  return ['archive.write', 'jobs.read', ...(folder ? (['server.manage'] as const) : [])];
}

function imports(input: object, project: string): [path: string, body: object] {
  return ['/api/imports', { ...input, project }];
}

function verifications(input: object): [path: string, body: object] {
  return ['/api/verifications', input];
}

async function audit(baseUrl: string, token: string): Promise<AuditVerification> {
  return (await createClient({ baseUrl, token }).call('verifyAudit').catch(reported)) as AuditVerification;
}

function reported(error: unknown): never {
  throw error instanceof ApiRefusal ? refused(error.answer.status, error.answer) : error;
}

interface Problem {
  readonly title?: string;
  readonly what?: string;
  readonly expected?: string | undefined;
}

async function asked(url: string, token: string, body?: object): Promise<unknown> {
  const answer = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
  });
  const said = (await answer.json().catch(() => ({}))) as Problem;
  if (answer.ok) return said;
  throw refused(answer.status, said);
}

function refused(status: number, { title = '', what = '', expected }: Problem): VesaliusError {
  const got = `${status} ${title} ${what}`.trim();
  return new VesaliusError('PEER_REFUSED', {
    what: 'the server',
    got,
    ...(expected === undefined ? {} : { expected }),
  });
}

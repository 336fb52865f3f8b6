import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { auditMigrations } from '../audit/migrations.ts';
import { openAudit } from '../audit/open-audit.ts';
import { createApp } from '../http/create-app.ts';
import { NOBODY, type Principal } from '../http/principal.ts';
import { createJobQueue } from '../jobs/create-job-queue.ts';
import { jobMigrations } from '../jobs/migrations.ts';
import type { Services } from '../services.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { Access } from '../store/archive.ts';
import { type ArchiveUnderTest, openArchiveUnderTest } from '../store/archive-under-test.ts';
import { syntheticInstance } from '../store/synthetic-instance.ts';
import { fhir } from './fhir.ts';
import { fhirMigrations } from './migrations.ts';

type Attributes = Parameters<typeof syntheticInstance>[0];
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Asking {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Projects of who asks; all without. */
  readonly as?: readonly string[];
}

/** A server of FHIR alone over a real archive; the header `x-projects` says whose it asks for. */
export async function openFhirUnderTest(on?: ArchiveUnderTest) {
  const { archive, database, objects, close } = on ?? (await openArchiveUnderTest());
  await database.migrate([...auditMigrations, ...jobMigrations, ...fhirMigrations]);
  const dataFolder = mkdtempSync(join(tmpdir(), 'vesalius-fhir-'));
  const log = pino({ level: 'silent' });
  const settings = { ...DEFAULT_SETTINGS, publicUrl: 'http://fhir.test', dataFolder, allowedTargets: ['127.0.0.1'] };

  const audit = openAudit({ database, dataFolder });
  const jobs = createJobQueue(database, { alone: true, onFailure: () => undefined });
  const projects = { has: async () => true };
  // What FHIR uses of them.
  const services = { settings, database, objects, archive, audit, jobs, log, projects } as unknown as Services;
  const app = createApp({
    settings,
    log,
    authenticate: async ({ headers }) => principalOf(headers['x-projects']),
    projects,
  });
  app.register(async (inner) => fhir(inner, services));
  await app.ready();
  await jobs.start();
  const ask = async (method: Method, path: string, { body, headers = {}, as }: Asking = {}) => {
    const answer = await app.inject({
      method,
      url: `/fhir/${path}`,
      headers: {
        'x-projects': as?.join(',') ?? '*',
        ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const json = /json/.test(String(answer.headers['content-type'])) ? answer.json() : undefined;
    return { status: answer.statusCode, headers: answer.headers, body: json, text: answer.payload };
  };
  return {
    services,
    ask,
    store: async (attributes: Attributes, project = 'default') => {
      const access: Access = { projects: 'all' };
      return archive.store(await syntheticInstance(attributes), {
        source: { kind: 'product', from: 'test' },
        project,
        access,
      });
    },
    close: async () => {
      await app.close();
      await jobs.stop(1000);
      await audit.close();
      await close();
    },
  };
}

function principalOf(header: string | string[] | undefined): Principal {
  if (typeof header !== 'string') return NOBODY;
  const projects = header === '*' ? 'all' : header.split(',');
  return { id: 'tester', kind: 'user', name: 'tester', accessFor: () => ({ projects }) };
}

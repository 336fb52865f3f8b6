import { createReadStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '../jobs/job-queue.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import { RESOURCE_TYPES } from './resource-types.ts';

interface ExportInput {
  readonly types: readonly string[];
  readonly projects: Access['projects'];
  readonly since?: string;
}

/** How many resources each type has; its file lies beside. */
interface ExportResult {
  readonly at: string;
  readonly counts: Readonly<Record<string, number>>;
}

const KIND = 'fhir-export';
const PAGE = 500;
const TYPES = RESOURCE_TYPES.filter((type) => type !== 'AuditEvent');

const folderOf = ({ settings }: Services, id: string): string => join(settings.dataFolder, 'exports', id);

/** How `$export` is done: a file of one resource a line for each type. */
export function registerExports(services: Services): void {
  services.jobs.register<ExportInput>(KIND, async ({ id, input, signal, progress }): Promise<ExportResult> => {
    const { openRepository } = await import('./open-repository.ts');
    const repository = await openRepository(services, { projects: input.projects });
    const { core } = repository.context.definitions;
    const at = new Date().toISOString();
    const folder = folderOf(services, id);
    await mkdir(folder, { recursive: true });
    const counts: Record<string, number> = {};
    for (const [i, type] of input.types.entries()) {
      const file = await open(join(folder, `${type}.ndjson`), 'w');
      try {
        for (let offset = 0, more = true; more; offset += PAGE) {
          signal.throwIfAborted();
          const since = input.since === undefined ? {} : { _lastUpdated: `ge${input.since}` };
          const request = core.parseSearchRequest(type as 'Patient', {
            ...since,
            _count: String(PAGE),
            _offset: String(offset),
          });
          const resources = await repository.searchResources(request);
          await file.write(resources.map((resource) => `${JSON.stringify(resource)}\n`).join(''));
          counts[type] = (counts[type] ?? 0) + resources.length;
          more = resources.length === PAGE;
        }
        await file.sync();
      } finally {
        await file.close();
      }
      progress((i + 1) / input.types.length);
    }
    return { at, counts };
  });
}

interface ExportRequest {
  readonly access: Access;
  readonly principal: string;
  readonly types: string | null;
  readonly since: string | null;
}

/** Begins an export of what the caller may read. @returns its id; nothing where a type is asked for that is not kept */
export async function beginExport({ jobs }: Services, asked: ExportRequest): Promise<string | undefined> {
  const types: readonly string[] = asked.types?.split(',') ?? TYPES;
  if (types.some((type) => !(TYPES as readonly string[]).includes(type))) return undefined;
  const { projects } = asked.access;
  const input: ExportInput = { types, projects, ...(asked.since !== null && { since: asked.since }) };
  const project = projects === 'all' ? 'default' : (projects[0] ?? 'default');
  return (await jobs.enqueue({ kind: KIND, input, project, principal: asked.principal })).id;
}

/** An export that this principal began. */
export async function ownExport({ jobs }: Services, id: string, principal: string): Promise<Job | undefined> {
  const job = await jobs.get(id);
  return job?.kind === KIND && job.principal === principal ? job : undefined;
}

/** What an export has come to: FHIR Bulk Data Access 2, complete status. */
export function manifestOf({ id, result }: Job, base: string, request: string) {
  const { at, counts } = result as ExportResult;
  const output = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([type, count]) => ({ type, url: `${base}/$export-file/${id}/${type}`, count }));
  return { transactionTime: at, request, requiresAccessToken: true, output, error: [] };
}

/** One file of an export. */
export async function exportFile(services: Services, id: string, type: string) {
  if (!(TYPES as readonly string[]).includes(type)) return undefined;
  const file = join(folderOf(services, id), `${type}.ndjson`);
  const found = await stat(file).catch(() => undefined);
  return found && { size: found.size, stream: createReadStream(file) };
}

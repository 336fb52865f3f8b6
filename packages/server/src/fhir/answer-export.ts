import type { FastifyReply } from 'fastify';
import type { Access } from '../store/archive.ts';
import type { FhirCall } from './answer.ts';
import { beginExport, exportFile, manifestOf, ownExport } from './export-job.ts';
import { badSearch, FhirRefusal, issue, notFound } from './outcomes.ts';

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly base: string;
  readonly read: Access;
}

/** `$export`, its status and its files; nothing for other addresses. */
export async function answerExport(
  { services, request, reply }: FhirCall,
  asked: Asked,
): Promise<FastifyReply | undefined> {
  const { path, query, base, read } = asked;
  const [operation = '', id = '', type = ''] = path.replace(/^Patient\/\$export$/, '$export').split('/');
  if (!operation.startsWith('$export')) return undefined;
  const principal = request.principal.id;
  if (operation === '$export') {
    if (!/respond-async/.test(String(request.headers.prefer ?? '')))
      throw badSearch('an export wants Prefer: respond-async');
    const begun = await beginExport(services, {
      access: read,
      principal,
      types: query.get('_type'),
      since: query.get('_since'),
    });
    if (begun === undefined) throw badSearch('_type names a type that is not kept here');
    await services.audit.record({
      action: 'exported',
      outcome: 'success',
      principal,
      from: request.ip,
      detail: `FHIR export ${begun}`,
    });
    return reply.code(202).header('content-location', `${base}/$export-status/${begun}`).send();
  }
  const job = await ownExport(services, id, principal);
  if (job === undefined) throw notFound();
  if (operation === '$export-status' && request.method === 'DELETE') {
    await services.jobs.cancel(id);
    return reply.code(202).send();
  }
  if (job.state === 'failed' || job.state === 'cancelled')
    throw new FhirRefusal('failed', [issue('exception', 'the export failed')]);
  if (operation === '$export-status') {
    if (job.state !== 'succeeded')
      return reply
        .code(202)
        .header('x-progress', `${Math.round(job.progress * 100)} %`)
        .send();
    const manifest = Buffer.from(JSON.stringify(manifestOf(job, base, `${base}/$export`)));
    return reply.type('application/json').send(manifest);
  }
  const file = job.state === 'succeeded' ? await exportFile(services, id, type) : undefined;
  if (file === undefined) throw notFound();
  return reply.type('application/fhir+ndjson').header('content-length', file.size).send(file.stream);
}

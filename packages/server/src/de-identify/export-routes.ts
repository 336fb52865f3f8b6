import { Readable } from 'node:stream';
import { exportSchema } from '@vesalius/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Feature } from '../http/feature.ts';
import { Refusal } from '../http/refusal.ts';
import { writeZip, type ZipEntry } from '../http/write-zip.ts';
import type { Services } from '../services.ts';
import type { InstanceRecord } from '../store/archive.ts';

/** De-identified files are made in memory. */
const MOST_BYTES = 1 << 30;

/**
 * `POST /api/exports`: studies as a zip, which is written as they are read. De-identified ones go by the secret of their project and bring
 * `report.json`: what was done to which attribute, never its value, and what a person should look at.
 */
export const exportRoutes: Feature = (app, services) => {
  app.post('/api/exports', { config: { access: 'export' } }, async (request, reply) => {
    const { success, data, error } = exportSchema.safeParse(request.body);
    if (!success) throw new Refusal('BAD_REQUEST', { what: error.issues[0]?.path.join('.') || 'body' });
    const records = await recordsOf(services, request, data.studies);
    await recordExport(services, request, { studies: data.studies, deidentified: data.deidentify !== undefined });
    const { deidentify: choices } = data;
    const entries = choices === undefined ? asTheyAre(services, records) : cleaned(services, records, choices);
    return sendZip(reply, entries);
  });
};

function sendZip(reply: FastifyReply, entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>): FastifyReply {
  return reply
    .type('application/zip')
    .header('content-disposition', 'attachment; filename="studies.zip"')
    .send(Readable.from(writeZip(entries), { objectMode: false }));
}

async function recordsOf({ archive }: Services, { access }: FastifyRequest, studies: readonly string[]) {
  const records: InstanceRecord[] = [];
  for (const study of studies) {
    const found = await archive.instances({ study }, access);
    if (found.length === 0) throw new Refusal('NOT_FOUND', { what: `study ${study}` });
    records.push(...found);
  }
  return records;
}

interface Exported {
  readonly studies: readonly string[];
  readonly deidentified: boolean;
}

async function recordExport({ audit }: Services, request: FastifyRequest, { studies, deidentified }: Exported) {
  await audit.record({
    action: 'exported',
    outcome: 'success',
    principal: request.principal.id,
    from: request.ip,
    entities: studies.map((id) => ({ kind: 'study', id })),
    detail: deidentified ? 'de-identified' : 'as they are',
  });
}

function* asTheyAre({ archive }: Services, records: readonly InstanceRecord[]): Generator<ZipEntry> {
  for (const record of records) {
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = record;
    yield {
      name: `${studyInstanceUid}/${seriesInstanceUid}/${sopInstanceUid}.dcm`,
      body: archive.stream(record),
    };
  }
}

/** The old UIDs would tell whose the files are: these are counted. */
async function* cleaned(
  { archive, deidentifier }: Services,
  records: readonly InstanceRecord[],
  choices: NonNullable<ReturnType<typeof exportSchema.parse>['deidentify']>,
): AsyncGenerator<ZipEntry> {
  const report: object[] = [];
  for (const [i, record] of records.entries()) {
    const name = `${String(i + 1).padStart(6, '0')}.dcm`;
    if (record.sizeBytes > MOST_BYTES) {
      report.push({ name, left: `larger than ${MOST_BYTES} bytes` });
      continue;
    }
    const file = new Uint8Array(await archive.open(record).slice(0, record.sizeBytes).arrayBuffer());
    const { bytes, changes, warnings } = await deidentifier.clean(file, record.project, choices);
    report.push({ name, changes, warnings });
    yield { name, body: [bytes] };
  }
  yield { name: 'report.json', body: [Buffer.from(`${JSON.stringify(report, null, 1)}\n`)] };
}

import { type FhirResource, hasResults, patientId, toResults } from '@vesalius/fhir';
import type { Transaction } from 'kysely';
import type { ArchiveChange } from '../store/archive.ts';
import type { ArchiveTables } from '../store/tables.ts';
import { INSTANCE_UID, resultValues } from './archive-values.ts';
import { keep, readKept, remove } from './keep-resource.ts';
import type { FhirTables } from './tables.ts';

type Work = Transaction<FhirTables & ArchiveTables>;

/** Keeps what reports and segmentations mean in FHIR in step with them: made when they are stored, gone with them. */
export async function followResults(work: Work, changes: readonly ArchiveChange[]): Promise<void> {
  for (const change of changes) {
    const { sopInstanceUid, sopClassUid } = change.instance;
    if (!hasResults(sopClassUid)) continue;
    if (change.kind === 'stored') await make(work, change);
    else for (const key of await madeOf(work, sopInstanceUid)) await follow(work, key, change);
  }
}

async function make(work: Work, { instance, attributes }: ArchiveChange): Promise<void> {
  const { project } = instance;
  const object = { ...instance, attributes, patient: patientId(project, attributes) };
  for (const resource of await toResults(object, instance.sopClassUid))
    await keepResult(work, { resource, project, sopInstanceUid: instance.sopInstanceUid });
}

interface Result {
  readonly resource: FhirResource;
  readonly project: string;
  readonly sopInstanceUid: string;
}

async function keepResult(work: Work, { resource, project, sopInstanceUid }: Result): Promise<void> {
  const values = resultValues(resource, sopInstanceUid);
  await keep(work, { resource, project, values, content: JSON.stringify(resource) });
}

async function madeOf(work: Work, sopInstanceUid: string): Promise<string[]> {
  const rows = await work
    .selectFrom('fhir_value')
    .select('key')
    .where('code', '=', INSTANCE_UID)
    .where('value', '=', sopInstanceUid)
    .where('type', 'in', ['DiagnosticReport', 'Observation', 'Provenance'])
    .execute();
  return rows.map(({ key }) => key);
}

/** In another project it is another patient's. */
async function follow(work: Work, key: string, { kind, instance }: ArchiveChange): Promise<void> {
  const known = await readKept(work, key);
  if (known === undefined || known.deleted === 1 || known.content === null) return;
  if (kind === 'removed') return remove(work, key);
  const { project, studyInstanceUid, sopInstanceUid } = instance;
  const patient = await patientOf(work, studyInstanceUid, project);
  const resource = JSON.parse(known.content.replaceAll(/"Patient\/[\w-]+"/g, `"Patient/${patient}"`)) as FhirResource;
  await keepResult(work, { resource, project, sopInstanceUid });
}

async function patientOf(work: Work, study: string, project: string): Promise<string> {
  const { attributes } = await work
    .selectFrom('study')
    .select('attributes')
    .where('uid', '=', study)
    .executeTakeFirstOrThrow();
  return patientId(project, JSON.parse(attributes));
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDicomFile, writeDicom } from '@vesalius/dicom';
import { toFhirAuditEvent } from '../../packages/server/src/audit/to-fhir-audit-event.ts';
import { syntheticInstance } from '../../packages/server/src/store/synthetic-instance.ts';
import { FHIR_RESOURCES } from './fhir-resources.ts';
import { type ClientCheck, type RunClient, runProgram, type ServedArchive } from './outside-client.ts';
import { allObjects } from './write-objects.ts';

const JARS = join(import.meta.dirname, '../../.cache/hapi');

/** HAPI's validator (base profiles of R4) on every kind of resource that the server writes or gives back. */
export const run: RunClient = async (server) => {
  const { files, refused } = await written(server);
  const pom = join(import.meta.dirname, 'fhir-hapi/pom.xml');
  mkdirSync(JARS, { recursive: true });
  const fetched = await runProgram('mvn', [
    '-q',
    '-B',
    '-f',
    pom,
    'dependency:copy-dependencies',
    `-DoutputDirectory=${JARS}`,
  ]);
  if (fetched.status !== 0) return [{ name: 'the validator is there', ok: false, detail: fetched.text.slice(0, 300) }];
  const program = join(import.meta.dirname, 'fhir-hapi/Validate.java');
  const { text } = await runProgram('java', ['-Xmx1g', '-cp', `${JARS}/*`, program, ...files]);
  const lines = [...text.matchAll(/^(ok {4}|FAILED) ([^\n:]+)(?:: ([^\n]*))?$/gm)];
  const checks = lines.map(
    ([, mark, name = '', detail = '']): ClientCheck => ({ name, ok: mark !== 'FAILED', detail }),
  );
  const missing = files.length - checks.length;
  return missing === 0
    ? [...refused, ...checks]
    : [...refused, ...checks, { name: `${missing} of ${files.length} judged`, ok: false, detail: text.slice(-300) }];
};

/** Has the server make resources of every kind, and writes what it gives back to files, and the audit log's events as it would give them. */
async function written({ url, token, folder }: ServedArchive): Promise<{ files: string[]; refused: ClientCheck[] }> {
  const authorization = `Bearer ${token}`;
  await store(url, authorization, await syntheticInstance(STUDY));
  // What is measured and segmented becomes resources too.
  const { 'seg-binary': segmentation, 'sr-1500': report, 'sr-volumes': volumes } = allObjects();
  for (const object of [segmentation, report, volumes])
    if (object) await store(url, authorization, await writeDicom(createDicomFile(object)));
  const kept: [name: string, resource: unknown][] = [['AuditEvent', toFhirAuditEvent(AUDITED)]];
  const refused: ClientCheck[] = [];
  // An OperationOutcome is valid too: what is wanted is the resource.
  const ask = async (type: string, path: string, body?: object) => {
    const headers = { authorization, 'content-type': 'application/fhir+json' };
    const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
    const answer = await fetch(`${url}/fhir/${path}`, { ...init, headers });
    const resource = (await answer.json()) as Found;
    const name = `${init.method ?? 'GET'} ${path.replace(/\W+/g, ' ')}`;
    if (resource.resourceType === type) kept.push([name, resource]);
    else refused.push({ name, ok: false, detail: `${answer.status} ${JSON.stringify(resource).slice(0, 300)}` });
    return resource.entry ?? [];
  };
  for (const resource of FHIR_RESOURCES) await ask(resource.resourceType, resource.resourceType, resource);
  for (const type of ['Patient', 'ImagingStudy', 'DiagnosticReport', 'Observation', 'Device', 'Provenance']) {
    const found = await ask('Bundle', `${type}?_count=20`);
    for (const { resource } of found) kept.push([type, resource]);
    const [first] = found;
    await ask('Bundle', `${type}/${first?.resource.id}/_history`);
  }
  await ask('CapabilityStatement', 'metadata');
  await ask('OperationOutcome', 'Patient/none');
  await ask('OperationOutcome', 'Patient', { resourceType: 'Patient', gender: 'xyz' });
  const files = kept.map(([name, resource], i) => {
    const file = join(folder, `${i + 1} ${name}.json`);
    writeFileSync(file, JSON.stringify(resource));
    return file;
  });
  return { files, refused };
}

interface Found {
  readonly resourceType: string;
  readonly id?: string;
  readonly entry?: readonly { readonly resource: Found }[];
}

const AUDITED: Parameters<typeof toFhirAuditEvent>[0] = {
  action: 'stored',
  outcome: 'success',
  principal: 'user',
  from: '127.0.0.1',
  entities: [{ kind: 'study', id: '1.2.3' }],
  sequence: 1,
  at: '2026-01-01T00:00:00.000Z',
  hash: '',
  previous: '',
};

const STUDY: Parameters<typeof syntheticInstance>[0] = {
  StudyInstanceUID: '1.2.840.99999.7',
  SeriesInstanceUID: '1.2.840.99999.7.1',
  SOPInstanceUID: '1.2.840.99999.7.1.1',
  PatientID: 'HAPI',
  PatientName: 'Yamada^Tarou=山田^太郎=やまだ^たろう',
  PatientBirthDate: '19700301',
  PatientSex: 'M',
  AccessionNumber: 'A 1',
  StudyDate: '20240203',
  StudyTime: '101112',
  StudyDescription: 'Chest',
  SeriesNumber: 1,
  InstanceNumber: 1,
  BodyPartExamined: 'CHEST',
  ReferringPhysicianName: 'House^Gregory^^Dr',
};

async function store(url: string, authorization: string, file: Uint8Array): Promise<void> {
  const head = '--b\r\nContent-Type: application/dicom\r\n\r\n';
  const headers = { authorization, 'content-type': 'multipart/related; type="application/dicom"; boundary=b' };
  const body = Buffer.concat([Buffer.from(head), file, Buffer.from('\r\n--b--\r\n')]);
  await fetch(`${url}/dicom-web/studies`, { method: 'POST', headers, body });
}

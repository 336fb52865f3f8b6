import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ArchiveUnderTest, openArchiveUnderTest } from '../store/archive-under-test.ts';
import { openPostgres } from '../store/open-postgres.ts';
import { POSTGRES_PROGRAMS, type PostgresUnderTest, startPostgres } from '../store/postgres-under-test.ts';
import { openFhirUnderTest } from './fhir-under-test.ts';

describe('on SQLite', () => fhirContract(openArchiveUnderTest));

describe.skipIf(!POSTGRES_PROGRAMS)('on PostgreSQL', () => {
  let postgres: PostgresUnderTest;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());

  fhirContract(() => openArchiveUnderTest({ openDatabase: async () => openPostgres(await postgres.createDatabase()) }));
});

// biome-ignore lint/suspicious/noExplicitAny: answers are what the tests look into.
const ids = ({ body }: { body: any }) => (body.entry ?? []).map((each: any) => each.resource.id).sort();
const person = (family: string, given: string) => ({ resourceType: 'Patient', name: [{ family, given: [given] }] });

let server: Awaited<ReturnType<typeof openFhirUnderTest>>;

/** What FHIR does, whatever it is kept on. */
function fhirContract(open: () => Promise<ArchiveUnderTest>): void {
  beforeAll(async () => {
    server = await openFhirUnderTest(await open());
  }, 60_000);
  afterAll(() => server.close());

  followsTheArchive();
  keepsResources();
  refusesAndTransacts();
  showsWhatMayBeSeen();
  tellsHistory();
  notifies();
  exportsAndMoves();
}

function followsTheArchive(): void {
  test('what the archive takes is a Patient and an ImagingStudy at once, and goes with it', async () => {
    const study7 = { StudyInstanceUID: '1.2.7', StudyDate: '20240203', PatientName: 'Ng^Mei Ling', PatientID: 'N7' };
    const first = { ...study7, SeriesInstanceUID: '1.2.7.1' };
    await server.store({ ...first, SOPInstanceUID: '1.2.7.1.1', AccessionNumber: 'A7' });
    await server.store({ ...first, SOPInstanceUID: '1.2.7.1.2' });
    await server.store({ ...study7, SeriesInstanceUID: '1.2.7.2', SOPInstanceUID: '1.2.7.2.1', Modality: 'MR' });
    const found = await server.ask('GET', 'ImagingStudy?identifier=urn:dicom:uid|urn:oid:1.2.7');
    const [study] = found.body.entry.map((each: { resource: unknown }) => each.resource);
    expect(study).toMatchObject({
      numberOfSeries: 2,
      numberOfInstances: 3,
      started: '2024-02-03',
      meta: { versionId: '3' },
    });
    expect(study.series[0].instance).toHaveLength(2);
    for (const query of [
      'patient.name=ling',
      'patient.identifier=N7',
      'modality=MR',
      'started=ge2024-02',
      'instance=1.2.7.2.1',
      'identifier=A7',
      'patient:Patient.family:exact=Ng',
      `series=1.2.7.2`,
      'dicom-class=urn:oid:1.2.840.10008.5.1.4.1.1.2',
    ])
      expect([query, ids(await server.ask('GET', `ImagingStudy?${query}`))]).toEqual([query, [study.id]]);
    for (const query of ['patient.name=wong', 'modality=CR', 'started=lt2024', 'instance=1.2.7.2.9', 'modality:not=MR'])
      expect([query, ids(await server.ask('GET', `ImagingStudy?${query}`))]).toEqual([query, []]);
    expect(ids(await server.ask('GET', 'Patient?_has:ImagingStudy:patient:modality=MR'))).toEqual([
      study.subject.reference.slice(8),
    ]);
    const included = await server.ask('GET', 'ImagingStudy?modality=MR&_include=ImagingStudy:patient');
    expect(included.body.entry.map((each: { search: unknown }) => each.search)).toEqual([
      { mode: 'match' },
      { mode: 'include' },
    ]);
    expect(
      (
        await server.ask('PUT', `Patient/${study.subject.reference.slice(8)}`, {
          body: { ...person('x', 'y'), id: study.subject.reference.slice(8) },
        })
      ).status,
    ).toBe(405);
    await server.services.archive.remove({ study: '1.2.7' }, { projects: 'all' });
    expect((await server.ask('GET', `ImagingStudy/${study.id}`)).status).toBe(410);
    expect((await server.ask('GET', study.subject.reference)).status).toBe(410);
  });
}

function keepsResources(): void {
  test('resources are created, read, changed, patched, removed; every version stays', async () => {
    const made = await server.ask('POST', 'Patient', { body: person('Zhang', 'San') });
    expect([made.status, made.headers.etag]).toEqual([201, 'W/"1"']);
    const { id } = made.body;
    expect(made.headers.location).toBe(`http://fhir.test/fhir/Patient/${id}/_history/1`);
    const body = { ...person('Zhang', 'Wu'), id };
    expect((await server.ask('PUT', `Patient/${id}`, { body, headers: { 'if-match': 'W/"9"' } })).status).toBe(412);
    expect((await server.ask('PUT', `Patient/${id}`, { body, headers: { 'if-match': 'W/"1"' } })).status).toBe(200);
    const patch = [{ op: 'add', path: '/gender', value: 'male' }];
    expect(
      (
        await server.ask('PATCH', `Patient/${id}`, {
          body: patch,
          headers: { 'content-type': 'application/json-patch+json' },
        })
      ).body,
    ).toMatchObject({ gender: 'male' });
    expect((await server.ask('GET', `Patient/${id}/_history/1`)).body.name[0].given).toEqual(['San']);
    expect((await server.ask('GET', `Patient/${id}`, { headers: { 'if-none-match': 'W/"3"' } })).status).toBe(304);
    expect((await server.ask('DELETE', `Patient/${id}`)).status).toBe(204);
    expect((await server.ask('GET', `Patient/${id}`)).status).toBe(410);
    expect(
      (await server.ask('GET', `Patient/${id}/_history`)).body.entry.map(
        (each: { request: { method: string } }) => each.request.method,
      ),
    ).toEqual(['DELETE', 'PUT', 'PUT', 'POST']);
    expect((await server.ask('GET', 'Patient/none')).status).toBe(404);
  });

  test('names are found by any word; what is no parameter is refused', async () => {
    const { id } = (await server.ask('POST', 'Patient', { body: person('Müller', 'San Zhang') })).body;
    for (const query of [
      'name=zhang',
      'name=mull',
      'family:exact=Müller',
      'given:contains=hang',
      'gender:missing=true&name=zhang',
    ])
      expect([query, ids(await server.ask('GET', `Patient?${query}`))]).toEqual([query, [id]]);
    expect(ids(await server.ask('GET', 'Patient?family:exact=müller'))).toEqual([]);
    for (const query of [
      'nonsense=1',
      'birthdate=yesterday',
      'organization.nonsense=1',
      '_sort=nonsense',
      'name:nonsense=x',
      '_count=x',
    ])
      expect([query, (await server.ask('GET', `Patient?${query}`)).status]).toEqual([query, 400]);
  });
}

function refusesAndTransacts(): void {
  test('what is not valid is refused with what is wrong', async () => {
    const gender = await server.ask('POST', 'Patient', { body: { resourceType: 'Patient', gender: 'xyz' } });
    expect([gender.status, gender.body.resourceType]).toEqual([400, 'OperationOutcome']);
    expect((await server.ask('POST', 'Patient', { body: { resourceType: 'Patient', unknown: 1 } })).status).toBe(400);
    expect((await server.ask('POST', 'Patient', { body: '{' })).status).toBe(400);
    expect((await server.ask('POST', 'Patient', { body: 'x', headers: { 'content-type': 'text/plain' } })).status).toBe(
      415,
    );
    expect((await server.ask('GET', 'Patient', { headers: { accept: 'image/png' } })).status).toBe(406);
    const outcome = await server.ask('POST', 'Patient/$validate', { body: { resourceType: 'Patient', gender: 'xyz' } });
    expect([outcome.status, outcome.body.issue[0].severity]).toEqual([200, 'error']);
  });

  test('a transaction stands or falls whole, its references are resolved', async () => {
    const entry = (resource: object, fullUrl: string) => ({
      fullUrl,
      resource,
      request: { method: 'POST', url: (resource as { resourceType: string }).resourceType },
    });
    const patient = entry(person('Bundle', 'Of'), 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0');
    const observation = (status: string) =>
      entry(
        { resourceType: 'Observation', status, code: { text: 'x' }, subject: { reference: patient.fullUrl } },
        'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1',
      );
    const bundle = (status: string) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [patient, observation(status)],
    });
    expect((await server.ask('POST', '', { body: bundle('nonsense') })).status).toBe(400);
    expect(ids(await server.ask('GET', 'Patient?name=bundle'))).toEqual([]);
    const done = await server.ask('POST', '', { body: bundle('final') });
    expect([done.status, done.body.type]).toEqual([200, 'transaction-response']);
    const [id] = ids(await server.ask('GET', 'Patient?name=bundle'));
    expect((await server.ask('GET', `Observation?subject=Patient/${id}`)).body.entry).toHaveLength(1);
    expect((await server.ask('GET', `Patient/${id}/$everything`)).body.total).toBe(2);
    const query = `{ PatientList(name: "bundle") { id } }`;
    expect((await server.ask('POST', '$graphql', { body: { query } })).body).toMatchObject({
      data: { PatientList: [{ id }] },
    });
  });
}

function showsWhatMayBeSeen(): void {
  test('pages go on by their links', async () => {
    for (const given of ['A', 'B', 'C']) await server.ask('POST', 'Patient', { body: person('Page', given) });
    const first = await server.ask('GET', 'Patient?name=page&_count=2&_sort=given&_total=accurate');
    expect([first.body.total, first.body.entry.length]).toEqual([3, 2]);
    const next = first.body.link.find((each: { relation: string }) => each.relation === 'next').url.split('/fhir/')[1];
    expect(
      (await server.ask('GET', next)).body.entry.map(
        (each: { resource: { name: { given: string[] }[] } }) => each.resource.name[0]?.given,
      ),
    ).toEqual([['C']]);
    const part = (await server.ask('GET', 'Patient?name=page&_count=1&_elements=gender')).body.entry[0].resource;
    expect(part.name).toBeUndefined();
  });

  test('nobody sees what belongs to other projects', async () => {
    const { body } = await server.ask('POST', 'Patient', { body: person('Secret', 'One'), as: ['a'] });
    expect((await server.ask('GET', `Patient/${body.id}`, { as: ['b'] })).status).toBe(404);
    expect(ids(await server.ask('GET', 'Patient?name=secret', { as: ['b'] }))).toEqual([]);
    expect(ids(await server.ask('GET', 'Patient?name=secret', { as: ['a'] }))).toEqual([body.id]);
    expect(
      (await server.ask('PUT', `Patient/${body.id}`, { body: { ...person('x', 'y'), id: body.id }, as: ['b'] })).status,
    ).toBe(409);
  });

  test('XML is read and written', async () => {
    const xml =
      '<Patient xmlns="http://hl7.org/fhir"><name><family value="Xml"/></name><active value="true"/></Patient>';
    const made = await server.ask('POST', 'Patient', {
      body: xml,
      headers: { 'content-type': 'application/fhir+xml', accept: 'application/fhir+xml' },
    });
    expect([made.status, made.text.includes('<family value="Xml"/>')]).toEqual([201, true]);
  });

  test('conditional create makes one', async () => {
    const body = { ...person('Once', 'Only'), identifier: [{ system: 's', value: 'once' }] };
    const headers = { 'if-none-exist': 'identifier=s|once' };
    expect((await server.ask('POST', 'Patient', { body, headers })).status).toBe(201);
    expect((await server.ask('POST', 'Patient', { body, headers })).status).toBe(200);
    expect((await server.ask('DELETE', 'Patient?identifier=s|once')).status).toBe(204);
    expect(ids(await server.ask('GET', 'Patient?identifier=s|once'))).toEqual([]);
  });
}

function tellsHistory(): void {
  test('the history of a type and of all tells what was made, changed and removed, newest first', async () => {
    const { body: made } = await server.ask('POST', 'Device', { body: { resourceType: 'Device', status: 'active' } });
    await server.ask('PUT', `Device/${made.id}`, { body: { ...made, status: 'inactive' } });
    await server.ask('DELETE', `Device/${made.id}`);
    const methods = ({ body }: { body: { entry: { request: { method: string } }[] } }) =>
      body.entry.map(({ request }) => request.method);
    const history = await server.ask('GET', `Device/_history?_since=${made.meta.lastUpdated}`);
    expect(methods(history)).toEqual(['DELETE', 'PUT', 'POST']);
    expect(methods(await server.ask('GET', '_history?_count=2')).slice(0, 2)).toEqual(['DELETE', 'PUT']);
    const [, second] = (await server.ask('GET', 'Device/_history?_count=1')).body.link;
    expect(methods(await server.ask('GET', second.url.split('/fhir/')[1]))).toEqual(['PUT']);
    expect((await server.ask('GET', 'Device/_history', { as: ['other'] })).body.entry).toEqual([]);
    expect((await server.ask('GET', 'Nothing/_history')).status).toBe(404);
    expect((await server.ask('GET', 'Device/_history?_since=Secret')).status).toBe(400);
  });

  test('the capability statement is true: every parameter it names is answered', async () => {
    const { body } = await server.ask('GET', 'metadata');
    for (const { type, searchParam } of body.rest[0].resource)
      for (const { name, type: kind } of searchParam.slice(0, 40)) {
        const value = { date: 'ge2020', number: '1', quantity: '1' }[kind as string] ?? 'x';
        expect([type, name, (await server.ask('GET', `${type}?${name}=${value}`)).status]).toEqual([type, name, 200]);
      }
  });
}

function notifies(): void {
  test('a rest-hook is told of a study that fits, signed, and of no other', async () => {
    const told: { signature: unknown; own: unknown; body: string }[] = [];
    const hook = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { 'x-signature': signature, 'x-own': own } = request.headers;
      told.push({ signature, own, body: Buffer.concat(chunks).toString() });
      response.end();
    }).listen(0, '127.0.0.1');
    await once(hook, 'listening');
    const endpoint = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
    const extension = [{ url: 'urn:vesalius:subscription-secret', valueString: 'secret' }];
    const channel = {
      type: 'rest-hook',
      endpoint,
      payload: 'application/fhir+json',
      header: ['X-Own: yes'],
      extension,
    };
    const body = {
      resourceType: 'Subscription',
      status: 'active',
      reason: 'r',
      criteria: 'ImagingStudy?modality=US',
      channel,
    };
    expect((await server.ask('POST', 'Subscription', { body })).status).toBe(201);
    await server.store({
      StudyInstanceUID: '1.8',
      SeriesInstanceUID: '1.8.1',
      SOPInstanceUID: '1.8.1.1',
      Modality: 'CT',
    });
    await server.store({
      StudyInstanceUID: '1.9',
      SeriesInstanceUID: '1.9.1',
      SOPInstanceUID: '1.9.1.1',
      Modality: 'US',
    });
    for (let i = 0; i < 100 && told.length === 0; i++) await setTimeout(50);
    await setTimeout(100);
    expect(told).toHaveLength(1);
    const [{ signature, own, body: sent } = { signature: '', own: '', body: '{}' }] = told;
    expect(JSON.parse(sent)).toMatchObject({ resourceType: 'ImagingStudy', modality: [{ code: 'US' }] });
    expect([own, signature]).toEqual(['yes', createHmac('sha256', 'secret').update(sent).digest('hex')]);
    hook.close();
  });
}

function exportsAndMoves(): void {
  test('an export gives one resource a line, to who began it', async () => {
    await server.ask('POST', 'Organization', { body: { resourceType: 'Organization', name: 'Exported' } });
    expect((await server.ask('GET', '$export')).status).toBe(400);
    const begun = await server.ask('GET', '$export?_type=Organization', { headers: { prefer: 'respond-async' } });
    expect(begun.status).toBe(202);
    const status = String(begun.headers['content-location']).split('/fhir/')[1] ?? '';
    let answer = await server.ask('GET', status);
    for (let i = 0; i < 100 && answer.status === 202; i++) {
      await setTimeout(50);
      answer = await server.ask('GET', status);
    }
    expect(answer.body.output).toMatchObject([{ type: 'Organization', count: 1 }]);
    const file = await server.ask('GET', answer.body.output[0].url.split('/fhir/')[1]);
    expect(
      file.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).name),
    ).toEqual(['Exported']);
  });

  test('a study that goes to another project is seen there and no longer here, with its patient', async () => {
    await server.store({
      StudyInstanceUID: '1.2.55',
      SeriesInstanceUID: '1.2.55.1',
      SOPInstanceUID: '1.2.55.1.1',
      PatientID: 'M55',
    });
    const seen = async (project: string) =>
      ['ImagingStudy?identifier=urn:dicom:uid|urn:oid:1.2.55', 'Patient?identifier=M55'].map((path) =>
        server.ask('GET', path, { as: [project] }),
      );
    const count = async (project: string) =>
      (await Promise.all(await seen(project))).map((answer) => ids(answer).length);
    expect([await count('default'), await count('trial')]).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect(await server.services.archive.assign('1.2.55', 'trial')).toBe(true);
    expect([await count('default'), await count('trial')]).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });
}

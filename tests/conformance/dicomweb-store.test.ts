import { createElement, DataSet, decodeFrame, encodeCompressed, pixelLayout, readDicom, toJson } from '@vesalius/dicom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileOf, instanceUid, multipart, partsOf, picture, pixelsOf, STUDY, valuesIn } from './dicomweb-client.ts';
import { type DicomwebServer, serveDicomweb } from './dicomweb-server.ts';

const FAILED = '00081198';
const REFERENCED = '00081199';
const OTHERS = '0008119A';
const REASON = '00081197';
const INSTANCE = '00081155';
const JPEG_LS = '1.2.840.10008.1.2.4.80';
const LIMIT = 4 << 20;

let server: DicomwebServer;
beforeAll(async () => {
  server = await serveDicomweb({ requestBytes: LIMIT });
});
afterAll(() => server?.close());

const store = (request: RequestInit, path = '') => fetch(`${server.url}/dicom-web/studies${path}`, request);
const study = (number: number) => `${STUDY}.${number}`;

async function stored(uid: string): Promise<Buffer[]> {
  const headers = { Accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' };
  const answer = await fetch(`${server.url}/dicom-web/studies/${uid}`, { headers });
  return answer.status === 404 ? [] : (await partsOf(answer)).map(({ body }) => body);
}

test('stores several instances, says so of each, and gives them back bit for bit', async () => {
  const files = await Promise.all([1, 2, 3].map((number) => fileOf(picture(number, { study: study(1) }))));
  const answer = await store(multipart(files));
  expect(answer.status).toBe(200);
  // The Python client takes any parameter for another media type.
  expect(answer.headers.get('content-type')).toBe('application/dicom+json');
  const json = await answer.json();
  expect(json['00081190'].Value).toEqual([`${server.url}/dicom-web/studies/${study(1)}`]);
  expect(valuesIn(json, REFERENCED, INSTANCE)).toEqual([1, 2, 3].map((number) => instanceUid(number, study(1))));
  expect(json[FAILED]).toBeUndefined();
  expect((await stored(study(1))).map((bytes) => bytes.toString('base64'))).toEqual(
    files.map((file) => Buffer.from(file).toString('base64')),
  );
});

test('stores the same bytes again without another word', async () => {
  const file = await fileOf(picture(1, { study: study(2) }));
  await store(multipart([file]));
  const answer = await store(multipart([file, file]));
  expect(answer.status).toBe(200);
  expect(valuesIn(await answer.json(), REFERENCED, INSTANCE)).toHaveLength(2);
});

test('keeps the first of two files under one UID and refuses the second with 0111H', async () => {
  const first = await fileOf(picture(1, { study: study(3) }));
  const second = await fileOf(picture(1, { study: study(3), more: [createElement('ImageComments', 'other')] }));
  await store(multipart([first]));
  const answer = await store(multipart([second]));
  expect(answer.status).toBe(409);
  const json = await answer.json();
  expect(valuesIn(json, FAILED, REASON)).toEqual([0x0111]);
  expect(valuesIn(json, FAILED, INSTANCE)).toEqual([instanceUid(1, study(3))]);
  expect(valuesIn(json, FAILED, '00000902')[0]).toMatch(/\w+ \w+/);
  expect(await stored(study(3))).toEqual([Buffer.from(first)]);
});

test('stores what can be stored of a mixed request and says what could not be', async () => {
  const file = await fileOf(picture(1, { study: study(4) }));
  const nameless = await fileOf(new DataSet([createElement('PatientName', 'Secret^Marker')]));
  const answer = await store(multipart([Buffer.from('this is no DICOM'), file, nameless]));
  expect(answer.status).toBe(202);
  const json = await answer.json();
  expect(valuesIn(json, REFERENCED, INSTANCE)).toEqual([instanceUid(1, study(4))]);
  expect(valuesIn(json, OTHERS, REASON)).toEqual([0xc000, 0xc000]);
});

test('refuses with 409 when nothing could be stored, and with A900H what belongs to another study', async () => {
  const garbage = await store(multipart([Buffer.from('this is no DICOM')]));
  expect(garbage.status).toBe(409);
  expect(valuesIn(await garbage.json(), OTHERS, REASON)).toEqual([0xc000]);
  const file = await fileOf(picture(1, { study: study(5) }));
  const elsewhere = await store(multipart([file]), `/${study(6)}`);
  expect(elsewhere.status).toBe(409);
  expect(valuesIn(await elsewhere.json(), FAILED, REASON)).toEqual([0xa900]);
  expect((await store(multipart([file]), `/${study(5)}`)).status).toBe(200);
});

test('stores what disagrees with its study, and warns with B007H in words', async () => {
  const other = picture(2, { study: study(12), more: [createElement('PatientID', 'P-OTHER')] });
  await store(multipart([await fileOf(picture(1, { study: study(12) }))]));
  const answer = await store(multipart([await fileOf(other)]));
  expect(answer.status).toBe(202);
  const json = await answer.json();
  expect(valuesIn(json, REFERENCED, '00081196')).toEqual([0xb007]);
  expect(valuesIn(json, REFERENCED, '00000902')[0]).toMatch(/\w+ \w+/);
});

test('gives files of clients that leave them out the preamble and prefix that readers need', async () => {
  const whole = await fileOf(picture(1, { study: study(13) }));
  expect((await store(multipart([whole.slice(132)]))).status).toBe(200);
  expect(await stored(study(13))).toEqual([Buffer.from(whole)]);
});

test('takes a single file as many clients send it, and answers in XML for who asks', async () => {
  const file = await fileOf(picture(1, { study: study(7) }));
  const headers = { 'Content-Type': 'application/dicom', Accept: 'application/dicom+xml' };
  const answer = await store({ method: 'POST', headers, body: file });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/dicom+xml');
  const xml = await answer.text();
  expect(xml).toContain('<DicomAttribute tag="00081199" vr="SQ" keyword="ReferencedSOPSequence"><Item number="1">');
  expect(xml).toContain(`<Value number="1">${instanceUid(1, study(7))}</Value>`);
});

test('takes large instances in parts, and small ones beside them', async () => {
  const large = picture(9, {
    study: study(8),
    more: [createElement('EncapsulatedDocument', new Uint8Array(3 << 20).fill(7))],
  });
  const files = await Promise.all(
    [picture(1, { study: study(8) }), large, picture(2, { study: study(8) })].map(fileOf),
  );
  const { body, ...request } = multipart(files);
  const chunked = new ReadableStream({
    start(controller) {
      for (let at = 0; at < body.length; at += 50_000) controller.enqueue(body.subarray(at, at + 50_000));
      controller.close();
    },
  });
  const answer = await store({ ...request, body: chunked, duplex: 'half' } as RequestInit);
  expect(answer.status).toBe(200);
  expect(valuesIn(await answer.json(), REFERENCED, INSTANCE)).toEqual(
    [1, 9, 2].map((number) => instanceUid(number, study(8))),
  );
  expect((await stored(study(8))).map(({ length }) => length).sort()).toEqual(files.map(({ length }) => length).sort());
});

test('builds instances from DICOM JSON and bulk data, native and compressed', async () => {
  const native = picture(1, { study: study(9) });
  const compressed = picture(2, { study: study(9) });
  const bytes = new Uint8Array(pixelsOf(2).buffer);
  const stream = await encodeCompressed(bytes, JPEG_LS, pixelLayout(compressed));
  const metadata = [native, compressed].map((dataSet, i) =>
    toJson(dataSet, { bulkDataUri: ({ tag }) => (tag === 0x7fe00010 ? `bulk/${i}` : undefined) }),
  );
  const answer = await store(
    multipart(
      [
        { headers: { 'Content-Type': 'application/dicom+json' }, body: JSON.stringify(metadata) },
        {
          headers: { 'Content-Type': 'application/octet-stream', 'Content-Location': 'bulk/0' },
          body: new Uint8Array(pixelsOf(1).buffer),
        },
        {
          headers: { 'Content-Type': `image/jls; transfer-syntax=${JPEG_LS}`, 'Content-Location': 'bulk/1' },
          body: stream.bytes,
        },
      ],
      'application/dicom+json',
    ),
  );
  expect(await answer.json()).toHaveProperty('00081199');
  expect(answer.status).toBe(200);
  for (const [i, bytes] of (await stored(study(9))).entries()) {
    const file = await readDicom(Uint8Array.from(bytes));
    expect(file.transferSyntax.uid).toBe(i === 0 ? '1.2.840.10008.1.2.1' : JPEG_LS);
    expect((await decodeFrame(file)).samples).toEqual(pixelsOf(i + 1));
    expect(file.dataSet.string('PatientName')).toBe('Secret^Marker');
  }
});

const JSON_PART = (text: string) =>
  multipart([{ headers: { 'Content-Type': 'application/dicom+json' }, body: text }], 'application/dicom+json');
const request = (contentType: string, body = 'x') => ({
  method: 'POST',
  headers: { 'Content-Type': contentType },
  body,
});

test.each([
  ['a multipart body without boundary', 400, () => request('multipart/related; type="application/dicom"')],
  ['a body that is no multipart', 400, () => request('multipart/related; type="application/dicom"; boundary=edge')],
  [
    'a body without parts',
    400,
    () => request('multipart/related; type="application/dicom"; boundary=edge', '--edge--'),
  ],
  ['JSON that is none', 400, () => JSON_PART('{"00080018"')],
  ['JSON with a value of another kind', 400, () => JSON_PART('[{"00280010": {"vr": "US", "Value": ["Secret"]}}]')],
  ['bulk data that are not there', 400, () => JSON_PART('[{"7FE00010": {"vr": "OW", "BulkDataURI": "a"}}]')],
  ['another media type', 415, () => request('text/plain')],
  ['no media type', 415, () => ({ method: 'POST', body: Buffer.from('x') })],
  ['parts of another media type', 415, () => multipart([Buffer.from('x')], 'image/jpeg')],
  ['more bytes than are granted', 413, () => multipart([Buffer.alloc(LIMIT + 1)])],
  [
    'an Accept that cannot be followed',
    406,
    () => ({ ...multipart([Buffer.from('x')]), headers: { 'Content-Type': 'application/dicom', Accept: 'text/html' } }),
  ],
])('refuses %s with %i and says why', async (_, status, make) => {
  const answer = await store(make());
  expect(answer.status).toBe(status);
  const problem = await answer.json();
  expect(problem.what).toMatch(/\w/);
  expect(JSON.stringify(problem)).not.toContain('Secret');
});

test('tells who sends a body that breaks off how much of it is stored', async () => {
  const { body, ...rest } = multipart([
    await fileOf(picture(1, { study: study(10) })),
    await fileOf(picture(2, { study: study(10) })),
  ]);
  const answer = await store({ ...rest, body: body.subarray(0, body.length - 20) });
  expect(answer.status).toBe(400);
  expect((await answer.json()).got).toMatch(/1 instance/);
  expect(await stored(study(10))).toHaveLength(1);
});

test('ends a body of unknown length at the limit', async () => {
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent += 65_536;
      controller.enqueue(new Uint8Array(65_536));
      // Node's client goes on pulling for ever when its connection broke off.
      if (sent > 16 * LIMIT) controller.close();
    },
  });
  const headers = { 'Content-Type': 'application/dicom' };
  const answer = await store({ method: 'POST', headers, body: endless, duplex: 'half' } as RequestInit).catch(
    () => undefined,
  );
  expect(answer?.status ?? 413).toBe(413);
  if (answer) expect(sent).toBeLessThan(8 * LIMIT);
});

test('puts one event a request into the audit log, and no patient into either log', async () => {
  const before = server.audited.length;
  await store(multipart([await fileOf(picture(1, { study: study(11) }))]));
  await stored(study(11));
  await fetch(`${server.url}/dicom-web/studies?PatientName=Secret*&StudyInstanceUID=${study(11)}`);
  await fetch(`${server.url}/dicom-web/studies/${study(11)}`, { method: 'DELETE' });
  expect(
    server.audited.slice(before).map(({ action, outcome, entities }) => [action, outcome, entities?.[0]?.id]),
  ).toEqual([
    ['stored', 'success', study(11)],
    ['retrieved', 'success', study(11)],
    ['queried', 'success', undefined],
    ['removed', 'success', study(11)],
  ]);
  expect(JSON.stringify(server.audited) + server.logged.join('')).not.toMatch(/Secret|SECRET/);
});

import { createElement, DataSet, type DicomJson } from '@vesalius/dicom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileOf, instanceUid, multipart, partsOf, picture, STUDY } from './dicomweb-client.ts';
import { type DicomwebServer, serveDicomweb } from './dicomweb-server.ts';

let server: DicomwebServer;
const study = (number: number) => `${STUDY}.${number}`;

beforeAll(async () => {
  server = await serveDicomweb({ matches: 5 });
  const request = createElement('RequestAttributesSequence', [
    new DataSet([createElement('ScheduledProcedureStepID', 'STEP-1'), createElement('RequestedProcedureID', 'REQ-1')]),
  ]);
  const pictures = [
    picture(1, { study: study(1) }),
    picture(2, { study: study(1) }),
    picture(1, {
      study: study(2),
      more: [createElement('PatientName', 'Other^Ann'), createElement('StudyDate', '20210505'), request],
    }),
    ...[3, 4, 5, 6].map((number) =>
      picture(1, { study: study(number), more: [createElement('StudyDate', '20220101')] }),
    ),
  ];
  const answer = await fetch(`${server.url}/dicom-web/studies`, multipart(await Promise.all(pictures.map(fileOf))));
  expect(answer.status).toBe(200);
});
afterAll(() => server?.close());

const ask = (path: string, accept = 'application/dicom+json') =>
  fetch(`${server.url}/dicom-web${path}`, { headers: { Accept: accept } });

async function values(path: string, tag = '0020000D'): Promise<unknown[]> {
  const answer = await ask(path);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as DicomJson[]).map((match) => match[tag]?.Value?.[0]).sort();
}

test.each([
  ['by keyword', `StudyInstanceUID=${study(2)}`, [2]],
  ['by tag', `0020000D=${study(2)}`, [2]],
  ['by a list of UIDs with commas', `StudyInstanceUID=${study(2)},${study(1)}`, [1, 2]],
  ['by a list of UIDs with backslashes', `StudyInstanceUID=${study(2)}%5C${study(1)}`, [1, 2]],
  ['by a list of UIDs said twice', `StudyInstanceUID=${study(2)}&StudyInstanceUID=${study(1)}`, [1, 2]],
  ['by a name with a wildcard', 'PatientName=Oth*', [2]],
  ['by the beginning of a given name', 'PatientName=ann&fuzzymatching=true', [2]],
  ['by a range of dates', 'StudyDate=20200101-20211231', [1, 2]],
  ['by a date with other keys', 'StudyDate=20200101&AccessionNumber=A1&PatientName=', [1]],
])('finds studies %s', async (_, query, expected) => {
  expect(await values(`/studies?${query}`)).toEqual(expected.map(study));
});

test('finds series and instances, of a study, of a series, of all', async () => {
  expect(await values(`/studies/${study(1)}/series`, '0020000E')).toEqual([`${study(1)}.1`]);
  expect(await values(`/series?StudyInstanceUID=${study(1)}`, '0020000E')).toEqual([`${study(1)}.1`]);
  const both = [1, 2].map((number) => instanceUid(number, study(1)));
  expect(await values(`/studies/${study(1)}/instances`, '00080018')).toEqual(both);
  expect(await values(`/studies/${study(1)}/series/${study(1)}.1/instances`, '00080018')).toEqual(both);
  expect(await values(`/instances?StudyInstanceUID=${study(1)}&InstanceNumber=2`, '00080018')).toEqual(both.slice(1));
});

test('finds by an attribute inside a sequence, by tags or keywords', async () => {
  for (const path of ['00400275.00400009', 'RequestAttributesSequence.ScheduledProcedureStepID']) {
    expect(await values(`/series?${path}=STEP-1`)).toEqual([study(2)]);
    expect(await values(`/series?${path}=STEP-2`)).toEqual([]);
  }
});

test('every match has the address that it is retrieved from', async () => {
  const [match] = (await (await ask(`/studies/${study(2)}/instances`)).json()) as DicomJson[];
  const address = match?.['00081190']?.Value?.[0] as string;
  expect(match?.['00081190']?.vr).toBe('UR');
  expect((await fetch(address)).status).toBe(200);
});

test('gives what is asked for besides what is always given', async () => {
  const rows = async (query: string) => values(`/studies/${study(2)}/instances?${query}`, '00280102');
  expect(await rows('')).toEqual([undefined]);
  for (const query of [
    'includefield=HighBit',
    'includefield=00280102,00280101',
    'includefield=00280101&includefield=00280102',
    'includefield=all',
  ])
    expect(await rows(query), query).toEqual([11]);
});

test('gives pages in a stable order, and says that more are there', async () => {
  const pages = await Promise.all([0, 2, 4].map((offset) => ask(`/studies?limit=2&offset=${offset}`)));
  expect(pages.map(({ headers }) => headers.get('warning'))).toEqual([
    '299 vesalius "There are additional results that can be requested"',
    '299 vesalius "There are additional results that can be requested"',
    null,
  ]);
  const found = (await Promise.all(pages.map((page) => page.json()))).flat() as DicomJson[];
  expect(found.map((match) => match['0020000D']?.Value?.[0]).sort()).toEqual([1, 2, 3, 4, 5, 6].map(study));
  const most = await ask('/studies');
  expect(await most.json()).toHaveLength(5);
  expect(most.headers.get('warning')).toContain('additional results');
});

test('says what it did not follow', async () => {
  const answer = await ask('/studies?emptyvaluematching=true&limit=1&BitsAllocated=8');
  expect(answer.status).toBe(200);
  for (const words of ['emptyvaluematching', 'additional results', 'BitsAllocated is not matched'])
    expect(answer.headers.get('warning')).toContain(words);
});

test('nothing found is an empty list, or no content where XML is asked for', async () => {
  expect(await values('/studies?PatientID=nobody')).toEqual([]);
  expect((await ask('/studies?PatientID=nobody', 'multipart/related; type="application/dicom+xml"')).status).toBe(204);
  const xml = await partsOf(await ask('/studies?limit=2', 'multipart/related; type="application/dicom+xml"'));
  expect(xml).toHaveLength(2);
});

test.each([
  'NoSuchAttribute=1',
  'foo=1',
  '0010ZZZZ=1',
  'PatientName.Nothing=1',
  'includefield=NoSuchAttribute',
  'limit=-1',
  'limit=many',
  'limit=1&limit=2',
  'offset=1.5',
  'fuzzymatching=perhaps',
  'PatientID=1&PatientID=2',
  'PatientID=1&00100020=2',
  'StudyDate=yesterday',
])('refuses the query %s with 400 and a reason', async (query) => {
  const answer = await ask(`/studies?${query}`);
  expect(answer.status).toBe(400);
  expect((await answer.json()).what).toMatch(/\w/);
});

test('refuses a UID that is none and one given twice', async () => {
  expect((await ask('/studies/abc/series')).status).toBe(400);
  expect((await ask(`/studies/${study(1)}/series?StudyInstanceUID=${study(2)}`)).status).toBe(400);
  expect((await ask('/studies', 'text/html')).status).toBe(406);
});

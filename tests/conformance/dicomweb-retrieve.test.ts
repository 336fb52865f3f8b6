import {
  createDicomFile,
  createElement,
  DataSet,
  type DicomFile,
  decodeFrame,
  pixelLayout,
  readDicom,
  type TagName,
  toRgb,
  uidEntry,
  writeDicom,
} from '@vesalius/dicom';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import yauzl from 'yauzl';
import { dicomFiles } from '../../golden/dicom-files.ts';
import { COLUMNS, fileOf, instanceUid, multipart, partsOf, picture, pixelsOf, ROWS, STUDY } from './dicomweb-client.ts';
import { type DicomwebServer, serveDicomweb } from './dicomweb-server.ts';

const DATA = process.env.VESALIUS_DATA;
const FRAMES = 3;
const EXPLICIT = '1.2.840.10008.1.2.1';
const DOCUMENT = new Uint8Array(3000).map((_, i) => i % 251);

let server: DicomwebServer;
let files: Uint8Array[];
let series: string;
let multi: string;

beforeAll(async () => {
  server = await serveDicomweb();
  const sequence = createElement('ReferencedImageSequence', [
    new DataSet([createElement('EncapsulatedDocument', DOCUMENT)]),
  ]);
  files = [
    await fileOf(picture(1)),
    await fileOf(
      picture(2, {
        frames: FRAMES,
        more: [sequence, createElement('WindowCenter', 2048), createElement('WindowWidth', 4096)],
      }),
    ),
  ];
  await fetch(`${server.url}/dicom-web/studies`, multipart(files as Uint8Array[]));
  series = `${server.url}/dicom-web/studies/${STUDY}/series/${STUDY}.1`;
  multi = `${series}/instances/${instanceUid(2)}`;
});
afterAll(() => server?.close());

const get = (url: string, accept?: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers: { ...(accept === undefined ? {} : { Accept: accept }), ...headers } });

const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());
const frame = (index: number) =>
  Buffer.from(pixelsOf(2, FRAMES).slice(index * ROWS * COLUMNS, (index + 1) * ROWS * COLUMNS).buffer);

test('gives instances as parts, one as a file, and says how long the answer is', async () => {
  const study = await get(`${server.url}/dicom-web/studies/${STUDY}`);
  const length = Number(study.headers.get('content-length'));
  expect(study.headers.get('content-type')).toContain('multipart/related; type="application/dicom"');
  const parts = await partsOf(study.clone());
  expect((await bytesOf(study)).length).toBe(length);
  expect(parts.map(({ type }) => type)).toEqual(
    [EXPLICIT, EXPLICIT].map((uid) => `application/dicom; transfer-syntax=${uid}`),
  );
  expect(parts.map(({ body }) => body)).toEqual(files.map((file) => Buffer.from(file)));
  const single = await get(multi, 'application/dicom');
  expect(single.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${EXPLICIT}`);
  expect(await bytesOf(single)).toEqual(Buffer.from(files[1] as Uint8Array));
});

test('gives a study as a zip archive that others open', async () => {
  const answer = await get(`${server.url}/dicom-web/studies/${STUDY}`, 'application/zip');
  const bytes = await bytesOf(answer);
  expect(bytes.length).toBe(Number(answer.headers.get('content-length')));
  const zip = await yauzl.fromBufferPromise(bytes);
  const entries: [string, Buffer][] = [];
  for await (const entry of zip.eachEntry())
    entries.push([entry.fileName, await readAll(await zip.openReadStreamPromise(entry))]);
  expect(entries).toEqual(files.map((file, i) => [`${STUDY}.1/${instanceUid(i + 1)}.dcm`, Buffer.from(file)]));
});

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test.each([
  ['1.2.840.10008.1.2', 'native'],
  ['1.2.840.10008.1.2.5', 'compressed'],
  ['1.2.840.10008.1.2.4.70', 'compressed'],
  ['1.2.840.10008.1.2.4.80', 'compressed'],
  ['1.2.840.10008.1.2.4.90', 'compressed'],
  ['1.2.840.10008.1.2.4.201', 'compressed'],
])('transcodes an instance to %s without loss', async (uid) => {
  const answer = await get(multi, `multipart/related; type="application/dicom"; transfer-syntax=${uid}`);
  expect(answer.status).toBe(200);
  const [part] = await partsOf(answer);
  const file = await readDicom(Uint8Array.from(part?.body ?? []));
  expect(file.transferSyntax.uid).toBe(uid);
  for (let index = 0; index < FRAMES; index++)
    expect(bytesOfSamples((await decodeFrame(file, index)).samples)).toEqual(frame(index));
});

function bytesOfSamples({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

test('metadata name their bulk data, deep ones too, and each address gives the bytes', async () => {
  const [, metadata] = await (await get(`${series}/metadata`)).json();
  expect(metadata['00080060']).toEqual({ vr: 'CS', Value: ['OT'] });
  const pixels = metadata['7FE00010'];
  expect(pixels).toEqual({ vr: 'OW', BulkDataURI: `${multi}/bulkdata/7FE00010` });
  const deep = metadata['00081140'].Value[0]['00420011'];
  expect(await bytesOf(await get(deep.BulkDataURI))).toEqual(Buffer.from(DOCUMENT));
  const octets = await get(pixels.BulkDataURI, 'application/octet-stream');
  expect(await bytesOf(octets)).toEqual(Buffer.from(pixelsOf(2, FRAMES).buffer));
  const [part] = await partsOf(await get(pixels.BulkDataURI, 'multipart/related; type="application/octet-stream"'));
  expect(part?.body).toEqual(Buffer.from(pixelsOf(2, FRAMES).buffer));
  const range = await get(pixels.BulkDataURI, 'application/octet-stream', { Range: 'bytes=10-19' });
  expect([range.status, range.headers.get('content-range')]).toEqual([
    206,
    `bytes 10-19/${FRAMES * ROWS * COLUMNS * 2}`,
  ]);
  expect(await bytesOf(range)).toEqual(frame(0).subarray(10, 20));
});

test('metadata as XML come in parts', async () => {
  const parts = await partsOf(await get(`${series}/metadata`, 'multipart/related; type="application/dicom+xml"'));
  expect(parts.map(({ type }) => type)).toEqual(['application/dicom+xml', 'application/dicom+xml']);
  expect(String(parts[0]?.body)).toContain(
    '<PersonName number="1"><Alphabetic><FamilyName>Secret</FamilyName><GivenName>Marker</GivenName>',
  );
});

test('gives frames in the order asked, alone or as parts', async () => {
  const parts = await partsOf(await get(`${multi}/frames/3,1`));
  expect(parts.map(({ type }) => type)).toEqual(
    [EXPLICIT, EXPLICIT].map((uid) => `application/octet-stream; transfer-syntax=${uid}`),
  );
  expect(parts.map(({ body }) => body)).toEqual([frame(2), frame(0)]);
  expect(await bytesOf(await get(`${multi}/frames/2`, 'application/octet-stream'))).toEqual(frame(1));
});

test.each([
  ['image/jls', '1.2.840.10008.1.2.4.80'],
  ['image/jp2', '1.2.840.10008.1.2.4.90'],
  ['image/jpeg', '1.2.840.10008.1.2.4.70'],
  ['image/jphc', '1.2.840.10008.1.2.4.201'],
  ['image/dicom-rle', '1.2.840.10008.1.2.5'],
])('compresses a frame as %s for who asks', async (type, uid) => {
  const [part] = await partsOf(await get(`${multi}/frames/2`, `multipart/related; type="${type}"`));
  expect(part?.type).toBe(`${type}; transfer-syntax=${uid}`);
  const pixels = {
    kind: 'fragments',
    tag: 0x7fe00010,
    vr: 'OB',
    offsetTable: new Uint8Array(),
    fragments: [Uint8Array.from(part?.body ?? [])],
  } as const;
  const file = {
    dataSet: picture(2).with(pixels),
    transferSyntax: { ...(await readDicom(files[0] as Uint8Array)).transferSyntax, uid },
  };
  expect(bytesOfSamples((await decodeFrame(file)).samples)).toEqual(frame(1));
});

test('renders what is to be seen: window, size, part, format', async () => {
  const plain = await sharp(await bytesOf(await get(`${multi}/frames/2/rendered`, 'image/png')))
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([plain.info.width, plain.info.height, plain.info.channels]).toEqual([COLUMNS, ROWS, 1]);
  // The window of the image: 4096 values around 2048.
  const expected = [...pixelsOf(2, FRAMES).slice(ROWS * COLUMNS, 2 * ROWS * COLUMNS)].map((value) =>
    Math.round((value / 4095) * 255),
  );
  expect(Math.max(...[...plain.data].map((value, i) => Math.abs(value - (expected[i] as number))))).toBeLessThanOrEqual(
    1,
  );
  const dark = await sharp(await bytesOf(await get(`${multi}/rendered?window=100000,10`, 'image/png'))).stats();
  expect(dark.channels[0]?.max).toBe(0);
  const scaled = await sharp(await bytesOf(await get(`${multi}/rendered?viewport=50,50&quality=20`))).metadata();
  expect([scaled.width, scaled.height, scaled.format]).toEqual([50, 30, 'jpeg']);
  const part = await sharp(await bytesOf(await get(`${multi}/rendered?viewport=4,2,2,1,4,2`, 'image/png')))
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  const first = [...pixelsOf(2)].map((value) => Math.round((value / 4095) * 255));
  expect(Math.abs((part[0] as number) - (first[COLUMNS + 2] as number))).toBeLessThanOrEqual(1);
  const thumbnail = await sharp(
    await bytesOf(await get(`${server.url}/dicom-web/studies/${STUDY}/thumbnail`)),
  ).metadata();
  expect(Math.max(thumbnail.width, thumbnail.height)).toBe(128);
  expect(await partsOf(await get(`${series}/rendered`, 'multipart/related; type="image/png"'))).toHaveLength(2);
});

test('answers WADO-URI', async () => {
  const uri = `${server.url}/wado?requestType=WADO&studyUID=${STUDY}&seriesUID=${STUDY}.1&objectUID=`;
  expect((await get(`${uri}${instanceUid(1)}`)).headers.get('content-type')).toBe('image/jpeg');
  const file = await get(`${uri}${instanceUid(2)}&contentType=application%2Fdicom`);
  expect(await bytesOf(file)).toEqual(Buffer.from(files[1] as Uint8Array));
  const png = await get(
    `${uri}${instanceUid(2)}&contentType=image/png&frameNumber=2&windowCenter=10&windowWidth=20&columns=5`,
  );
  expect((await sharp(await bytesOf(png)).metadata()).width).toBe(5);
  expect((await get(`${uri}${instanceUid(2)}&contentType=image/png&frameNumber=9`)).status).toBe(404);
  expect((await get(`${uri}${instanceUid(2)}&anonymize=yes`)).status).toBe(400);
  expect((await get(`${uri}1.2.3`)).status).toBe(404);
  expect((await get(`${uri.replace('requestType=WADO', 'requestType=X')}1.2.3`)).status).toBe(400);
});

test.each([
  ['/frames/0', 400],
  ['/frames/a', 400],
  ['/frames/1,', 400],
  ['/frames/4', 404],
  ['/frames/1/other', 404],
  ['/bulkdata/00100010', 404],
  ['/bulkdata/54000100', 404],
  ['/bulkdata/7FE00010/1', 400],
  ['/bulkdata/..%2f..%2fetc', 400],
  ['/rendered?window=1', 400],
  ['/rendered?window=1,0', 400],
  ['/rendered?window=1,2,cubic', 400],
  ['/rendered?viewport=0,10', 400],
  ['/rendered?viewport=10,99999', 400],
  ['/rendered?viewport=10,10,500,500,10,10', 400],
  ['/rendered?quality=101', 400],
  ['/rendered?annotation=patient', 400],
  ['/rendered?window=1,2&window=3,4', 400],
])('%s is answered %i, in words', async (path, status) => {
  const answer = await get(`${multi}${path}`);
  expect(answer.status).toBe(status);
  expect((await answer.json()).what).toMatch(/\w/);
});

test.each([
  ['', 'text/html'],
  ['', 'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.100'],
  ['/metadata', 'image/png'],
  ['/frames/1,2', 'application/octet-stream'],
  ['/frames/1', 'multipart/related; type="video/mp4"'],
  ['/rendered', 'image/gif'],
])('%s as %s cannot be given: 406', async (path, accept) => {
  expect((await get(`${multi}${path}`, accept)).status).toBe(406);
});

test('does not begin to decode what no memory holds', async () => {
  const study = '1.2.826.0.1.3680043.8.498.9';
  const pixels = {
    kind: 'fragments',
    tag: 0x7fe00010,
    vr: 'OB',
    offsetTable: new Uint8Array(),
    fragments: [new Uint8Array(64)],
  } as const;
  const bomb = picture(1, { study }).with(createElement('Rows', 40_000), createElement('Columns', 40_000), pixels);
  const file = await writeDicom(createDicomFile(bomb, '1.2.840.10008.1.2.5'));
  expect((await fetch(`${server.url}/dicom-web/studies`, multipart([file]))).status).toBe(200);
  const instance = `${server.url}/dicom-web/studies/${study}/series/${study}.1/instances/${instanceUid(1, study)}`;
  for (const path of ['/rendered', '/thumbnail', '/frames/1', ''])
    expect((await get(`${instance}${path}`)).status, path).toBe(406);
  expect((await get(instance, 'application/dicom; transfer-syntax=*')).status).toBe(200);
  expect((await fetch(instance, { method: 'DELETE' })).status).toBe(204);
});

test('says what it serves', async () => {
  const statement = await (await get(`${server.url}/dicom-web`)).json();
  expect(statement.resources.map(({ path }: { path: string }) => path)).toContain('/studies/{study}/metadata');
  const wadl = await fetch(`${server.url}/dicom-web`, {
    method: 'OPTIONS',
    headers: { Accept: 'application/vnd.sun.wadl+xml' },
  });
  expect(await wadl.text()).toContain('<resource path="studies"><method name="GET">');
});

test('within a project nothing of another is there', async () => {
  const [study] = ['1.2.826.0.1.3680043.8.498.8'];
  const base = `${server.url}/projects/other/dicom-web/studies`;
  expect((await fetch(base, multipart([await fileOf(picture(1, { study: study as string }))]))).status).toBe(200);
  const found = await (await get(base)).json();
  expect(found.map((one: Record<string, { Value: unknown[] }>) => one['00081190']?.Value[0])).toEqual([
    `${base}/${study}`,
  ]);
  expect((await get(`${base}/${STUDY}`)).status).toBe(404);
  expect((await fetch(`${base}/${STUDY}`, { method: 'DELETE' })).status).toBe(404);
  expect((await get(`${server.url}/dicom-web/studies/${STUDY}`)).status).toBe(200);
});

/** Each transfer syntax, colours, bits, floats, many frames. */
const REAL =
  /CTImage\.dcm_|dicomParser.*(CT0012|big_endian)|liver\.dcm|US-YBR|SC_rgb_dcmtk|pm-example|sm_image_jpegls|MR_small/;

test.skipIf(!DATA)(
  'gives each frame of real files, in any transfer syntax, as the decoder sees it (VESALIUS_DATA)',
  async () => {
    let compared = 0;
    for (const [name, bytes] of dicomFiles()) {
      if (!REAL.test(name)) continue;
      const file = await readDicom(bytes);
      const uids = (['StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID'] as const).map((keyword) =>
        file.dataSet.string(keyword),
      );
      if (uids.includes(undefined)) continue;
      const stored = await fetch(`${server.url}/projects/real/dicom-web/studies`, multipart([bytes]));
      expect(stored.status, `${name}: ${await stored.clone().text()}`).toBeLessThan(300);
      const study = `${server.url}/projects/real/dicom-web/studies/${uids[0]}`;
      const instance = `${study}/series/${uids[1]}/instances/${uids[2]}`;
      const { frames } = pixelLayout(file.dataSet);
      const back = await bytesOf(await get(instance, 'application/dicom; transfer-syntax=*'));
      expect(back.equals(bytes), name).toBe(true);
      const answer = await get(`${instance}/frames/${frames}`);
      expect(answer.status, name).toBe(200);
      const [part] = await partsOf(answer);
      expect(
        part?.body.equals(await expectedFrame(file, frames - 1)),
        `${name}, ${uidEntry(file.transferSyntax.uid)?.name}`,
      ).toBe(true);
      const as = await get(`${instance}/frames/${frames}`, 'multipart/related; type="*/*"; transfer-syntax=*');
      expect(as.status, name).toBe(200);
      expect((await get(`${instance}/rendered`, 'image/png')).status, name).toBe(200);
      const [metadata] = await (await get(`${instance}/metadata`)).json();
      expect(metadata['00080018'].Value, name).toEqual([uids[2]]);
      expect((await fetch(study, { method: 'DELETE' })).status).toBe(204);
      compared++;
    }
    expect(compared).toBeGreaterThan(30);
  },
);

/** Native pixels as they are stored, little endian; decoded ones in the order the metadata say. */
async function expectedFrame(file: DicomFile, index: number): Promise<Buffer> {
  const layout = pixelLayout(file.dataSet);
  const pixels = file.dataSet.get(layout.element as TagName);
  const frame = await decodeFrame(file, index);
  if (pixels?.kind === 'value' && pixels.littleEndian && layout.bitsAllocated >= 8) {
    const size = Math.min(frame.samples.byteLength, Math.floor(pixels.bytes.length / layout.frames));
    return Buffer.from(pixels.bytes.subarray(index * size, (index + 1) * size));
  }
  if (layout.bitsAllocated === 1) return packed(frame.samples as Uint8Array);
  const asRgb = pixels?.kind === 'fragments' && frame.photometric.startsWith('YBR') && frame.bitsStored === 8;
  const samples = asRgb ? toRgb(frame, file.dataSet) : frame.samples;
  if (!layout.planar) return bytesOfSamples(samples);
  const plane = samples.length / 3;
  return bytesOfSamples(samples.map((_, i) => samples[(i % plane) * 3 + Math.floor(i / plane)] as number));
}

function packed(bits: Uint8Array): Buffer {
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  for (const [i, bit] of bits.entries()) bytes[i >> 3] = (bytes[i >> 3] as number) | (bit << (i & 7));
  return bytes;
}

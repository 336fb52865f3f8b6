import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDicomFile, createElement, EXPLICIT_LITTLE, encodeDataSet, readDicom, writeDicom } from '@vesalius/dicom';
import { picture, STUDY } from './dimse-pictures.ts';
import { type ClientCheck, type RunClient, runProgram, type ServedArchive } from './outside-client.ts';

const COUNT = 3;

/** dcmtk's five clients against a server that stands; each stores first what it asks for, so that any may run alone. */
export const DCMTK_CLIENTS: Readonly<Record<string, RunClient>> = { echoscu, storescu, findscu, movescu, getscu };

async function echoscu({ dimsePort, aeTitle }: ServedArchive): Promise<ClientCheck[]> {
  const asked = (...args: string[]) => runProgram('echoscu', [...args, '127.0.0.1', dimsePort]);
  const other = await asked('-aec', 'NOBODY');
  return [
    quiet('echo', await asked('-aec', aeTitle)),
    quiet('echo, 128 contexts of 38 transfer syntaxes', await asked('-aec', aeTitle, '-ppc', '128', '-pts', '38')),
    contains('another title is told so', other.text, 'Called AE Title Not Recognized'),
  ];
}

async function storescu(server: ServedArchive): Promise<ClientCheck[]> {
  const files = await writeFiles(server);
  const other = join(server.folder, 'other.dcm');
  writeFileSync(other, await fileOf(1, 'Phantom^Other'));
  const send = (...args: string[]) => runProgram('storescu', [...to(server), ...args]);
  const compressed = join(server.folder, 'rle.dcm');
  const made = await runProgram('dcmcrle', ['+un', files[0] ?? '', compressed]);
  return [
    quiet('store', await send('-xe', ...files)),
    quiet('store the same again', await send('-xe', ...files)),
    contains('other bytes under a UID are refused', (await send('-v', '-xe', other)).text, '0x111'),
    quiet('compress to RLE', made),
    contains('the same in another encoding is refused', (await send('-v', '-xr', compressed)).text, '0x111'),
  ];
}

async function findscu(server: ServedArchive): Promise<ClientCheck[]> {
  await storeAll(server);
  const find = async (model: string, level: string, ...keys: string[]) => {
    const named = [`QueryRetrieveLevel=${level}`, ...keys].flatMap((key) => ['-k', key]);
    return (await runProgram('findscu', ['-v', model, ...to(server), ...named])).text;
  };
  const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const studies = await find(
    '-S',
    'STUDY',
    'PatientName=phantom*',
    `StudyInstanceUID=${STUDY}`,
    'ModalitiesInStudy',
    'NumberOfStudyRelatedInstances',
  );
  const dated = await find('-S', 'STUDY', 'StudyDate=20191231-20200102', 'StudyInstanceUID', 'AccessionNumber=A?');
  const none = await find('-S', 'STUDY', 'StudyDate=20200102-', `StudyInstanceUID=${STUDY}`);
  const patients = await find('-P', 'PATIENT', 'PatientID=P1', 'PatientName');
  const series = await find('-S', 'SERIES', `StudyInstanceUID=${STUDY}`, 'SeriesInstanceUID', 'Modality=OT');
  const images = await find(
    '-P',
    'IMAGE',
    'PatientID=P1',
    `StudyInstanceUID=${STUDY}`,
    `SeriesInstanceUID=${STUDY}.1`,
    'SOPInstanceUID',
    'Rows',
  );
  const wrong = await find('-S', 'PATIENT', 'PatientID=P1');
  return [
    contains(
      'study by a name in other case, with counts',
      studies,
      `NumberOfStudyRelatedInstances`,
      '[Phantom^One',
      '[OT',
    ),
    contains('study by a range of dates', dated, `[${STUDY}`),
    equal(
      'no study outside the range',
      count(none, /PatientName|AccessionNumber/g) + count(none, /Find Response: 1/g),
      0,
    ),
    contains('patient', patients, '[Phantom^One'),
    contains('series', series, `[${STUDY}.1`),
    equal('images', count(images, new RegExp(`\\[${STUDY.replaceAll('.', '\\.')}\\.1\\.[123]`, 'g')), COUNT),
    contains('a level that the model has not is refused', wrong, 'DataSetDoesNotMatchSOPClass'),
  ];
}

async function movescu(server: ServedArchive): Promise<ClientCheck[]> {
  const { target } = server;
  await storeAll(server);
  const received = mkdtempSync(join(server.folder, 'moved-'));
  const scp = spawn('storescp', ['-aet', target.aeTitle, '-od', received, String(target.port)], { stdio: 'ignore' });
  try {
    await listening(target.port);
    const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${STUDY}`];
    const move = (destination: string) =>
      runProgram('movescu', ['-v', '-S', ...to(server), '-aem', destination, ...keys]);
    const moved = await move(target.aeTitle);
    return [
      contains('move a study', moved.text, 'Received Final Move Response (Success)'),
      contains('an unknown destination', (await move('NOBODY')).text, 'MoveDestinationUnknown'),
      await sameDataSets('what was moved is what was stored', received),
    ];
  } finally {
    const gone = once(scp, 'exit');
    scp.kill();
    await gone;
  }
}

async function getscu(server: ServedArchive): Promise<ClientCheck[]> {
  await storeAll(server);
  const [study, image] = [mkdtempSync(join(server.folder, 'got-')), mkdtempSync(join(server.folder, 'image-'))];
  const get = (folder: string, ...keys: string[]) =>
    runProgram('getscu', ['-v', '-S', ...to(server), '-od', folder, ...keys.flatMap((key) => ['-k', key])]);
  const whole = await get(study, 'QueryRetrieveLevel=STUDY', `StudyInstanceUID=${STUDY}`);
  const uids = ['StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID'].map(
    (key, i) => `${key}=${STUDY}${['', '.1', '.1.2'][i]}`,
  );
  const one = await get(image, 'QueryRetrieveLevel=IMAGE', ...uids);
  return [
    contains('get a study', whole.text, 'Success'),
    await sameDataSets('what was got is what was stored', study),
    contains('get an image', one.text, 'Success'),
    equal('one image came', readdirSync(image).length, 1),
  ];
}

const to = ({ dimsePort, aeTitle }: ServedArchive): string[] => ['-aec', aeTitle, '127.0.0.1', String(dimsePort)];

async function fileOf(number: number, name?: string): Promise<Uint8Array> {
  const dataSet = name === undefined ? picture(number) : picture(number).with(createElement('PatientName', name));
  return writeDicom(createDicomFile(dataSet));
}

async function writeFiles({ folder }: ServedArchive): Promise<string[]> {
  const files = join(folder, 'files');
  mkdirSync(files, { recursive: true });
  const numbers = Array.from({ length: COUNT }, (_, i) => i + 1);
  for (const number of numbers) writeFileSync(join(files, `${number}.dcm`), await fileOf(number));
  return numbers.map((number) => join(files, `${number}.dcm`));
}

async function storeAll(server: ServedArchive): Promise<void> {
  await runProgram('storescu', [...to(server), '-xe', ...(await writeFiles(server))]);
}

async function sameDataSets(name: string, folder: string): Promise<ClientCheck> {
  const files = readdirSync(folder).sort();
  const got = await Promise.all(
    files.map(async (file) => {
      const { dataSet } = await readDicom(readFileSync(join(folder, file)));
      const sent = picture(dataSet.number('InstanceNumber') ?? 0);
      const [a, b] = [dataSet, sent].map((each) => Buffer.from(encodeDataSet(each, EXPLICIT_LITTLE)));
      return a?.equals(b ?? Buffer.alloc(0)) === true;
    }),
  );
  return equal(name, got.filter(Boolean).length, COUNT);
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await runProgram('echoscu', ['-to', 2, '127.0.0.1', port])).status === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function quiet(name: string, { status, text }: { readonly status: number; readonly text: string }): ClientCheck {
  return { name, ok: status === 0, ...(status === 0 ? {} : { detail: text.slice(-200) }) };
}

function contains(name: string, text: string, ...wanted: readonly string[]): ClientCheck {
  const missing = wanted.filter((each) => !text.toLowerCase().includes(each.toLowerCase()));
  return {
    name,
    ok: missing.length === 0,
    ...(missing.length === 0 ? {} : { detail: `no ${missing} in ${text.slice(-300)}` }),
  };
}

function equal(name: string, got: number, expected: number): ClientCheck {
  return { name, ok: got === expected, ...(got === expected ? {} : { detail: `${got}, expected ${expected}` }) };
}

import { globSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnnotationAnswer, ModelAnswer, TrainingAnswer } from '@vesalius/api';
import { buildSegmentation, buildSeries, createDicomFile, writeDicom } from '@vesalius/dicom';
import { type OnnxModel, writeOnnx } from '@vesalius/engine';
import { affineFromSpacing, createVolume } from '@vesalius/volume';
import { writeTinyBundle } from '../../packages/bundle/src/testing/tiny-bundle.ts';
import { storeFiles } from '../e2e/open-workbench.ts';
import { newAnnotator, saveDraft, storeScan } from '../server/annotators.ts';
import { type Person, personWith } from '../server/signed-in.ts';
import { writeZip, zipFolder } from '../server/write-zip.ts';

const image = (place: string) => `<img src=x onerror=hostileRan("${place}")>`;
const script = (place: string) => `<script>hostileRan("${place}")</script>`;
const vector = (place: string) => `<svg onload=hostileRan("${place}")></svg>`;

/** By the place it is written to; what takes it for more than text calls `hostileRan`, which the page is given. */
export const TEXTS = {
  patientName: script('patient name'),
  patientId: image('patient'),
  studyDescription: vector('study'),
  seriesDescription: `\u202Egnp.\u2066${image('series')}`,
  segment: image('segment'),
  className: vector('class'),
  classMeaning: '[read me](javascript:hostileRan("meaning"))',
  comment: `" autofocus onfocus=hostileRan("attribute") x="${image('comment')}`,
  modelName: image('model'),
  modelClass: vector('model class'),
  card: `[read me](javascript:hostileRan("card")) ${script('card')} {{constructor.constructor("hostileRan(1)")()}}`,
  fileName: `${image('file')}.dcm`,
  node: image('node'),
  input: vector('input'),
  producer: script('producer'),
} as const;

export interface Planted {
  readonly study: string;
  readonly series: string;
  readonly model: string;
  readonly training: string;
  /** Who has not signed in yet. */
  readonly newcomer: { readonly oneTimePassword: string };
  /** To be brought in by a person: names of files on disk that say something. */
  readonly importFolder: string;
  readonly onnx: Buffer;
  /** What came to lie outside of where it belongs. */
  readonly escaped: readonly string[];
}

interface Ground {
  readonly url: string;
  readonly token: string;
  readonly folder: string;
}

const SIZE = [16, 16, 8] as const;
const VECTOR_FILE = '<svg xmlns="http://www.w3.org/2000/svg" onload="hostileRan(\'file\')"/>';
const ESCAPES = ['../escaped.dcm', '../../escaped.dcm', '/tmp/vesalius-escaped.dcm', '..\\escaped.dcm'];

/** Puts hostile text wherever somebody else than the person at the page may write, by the ways that they have. */
export async function plantHostile({ url, token, folder }: Ground): Promise<Planted> {
  const person = personWith(url, token);
  const { slices, study, series } = hostileSlices();
  const files = await Promise.all([...slices, hostileSeg(slices)].map((one) => writeDicom(createDicomFile(one))));
  await storeFiles(url, token, files);
  const segment = {
    value: 1,
    name: TEXTS.className,
    color: '#e6553c',
    code: { value: '1', scheme: '99X', meaning: TEXTS.classMeaning },
  };
  await person.ask('/api/projects/default/labels', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([segment]),
  });
  await labelAndReject(person, url, [series, await storeScan(person, SIZE)]);
  const model = await addModel(person, folder, TEXTS.modelName);
  await addModel(person, folder, 'twin');
  const request = { name: 'hostile', project: 'default', labels: 'submitted', steps: 1 };
  await person.json('/api/trainings', { ...request, name: 'another' });
  const training = (await person.json('/api/trainings', request)) as TrainingAnswer;
  return {
    study,
    series,
    model,
    training: training.id,
    newcomer: (await person.json('/api/users', { name: 'newcomer', grants: [] })) as Planted['newcomer'],
    importFolder: await hostileFolder(folder),
    escaped: await escapes({ person, folder }),
    onnx: hostileOnnx(),
  };
}

function hostileSlices() {
  const voxels = Int16Array.from({ length: SIZE[0] * SIZE[1] * SIZE[2] }, (_, i) => i % 251);
  const volume = createVolume({ voxels, size: SIZE, voxelToLps: affineFromSpacing([1, 1, 2]) });
  const subject = {
    PatientName: TEXTS.patientName,
    PatientID: TEXTS.patientId,
    StudyDescription: TEXTS.studyDescription,
    AccessionNumber: '<b>hostile',
  };
  const slices = buildSeries(volume, { modality: 'CT', subject, seriesDescription: TEXTS.seriesDescription });
  const uid = (name: 'StudyInstanceUID' | 'SeriesInstanceUID') => slices[0]?.string(name) ?? '';
  return { slices, study: uid('StudyInstanceUID'), series: uid('SeriesInstanceUID') };
}

function hostileSeg(source: ReturnType<typeof hostileSlices>['slices']) {
  const mask = new Uint8Array(SIZE[0] * SIZE[1] * SIZE[2]).fill(1, 300, 600);
  const code = { value: '52988006', scheme: 'SCT', meaning: TEXTS.classMeaning };
  const segment = {
    number: 1,
    label: TEXTS.segment,
    category: code,
    type: code,
    algorithm: { type: 'MANUAL' },
  } as const;
  const content = createVolume({ voxels: mask, size: SIZE, voxelToLps: affineFromSpacing([1, 1, 2]) });
  return buildSegmentation({ segments: [segment], source, content });
}

/** Another annotator hands in twice; the own comment on it is hostile as theirs could be. */
async function labelAndReject(person: Person, url: string, series: readonly string[]): Promise<void> {
  const mallory = await newAnnotator(person, url, 'mallory');
  for (const one of series) {
    const { id, revision } = (await mallory.json('/api/annotations', { series: one })) as AnnotationAnswer;
    await saveDraft(mallory, { id, revision }, new Uint8Array(SIZE[0] * SIZE[1] * SIZE[2]).fill(1, 100, 400));
    await mallory.json(`/api/annotations/${id}/submission`, {});
    await person.json(`/api/annotations/${id}/review`, { state: 'rejected', comment: TEXTS.comment });
    await mallory.json(`/api/annotations/${id}/submission`, {});
  }
}

async function addModel(person: Person, folder: string, name: string): Promise<string> {
  const bundle = await mkdtemp(join(folder, 'bundle-'));
  const words = { label: TEXTS.modelClass, description: TEXTS.card };
  const page = `<!doctype html><title>hostile</title>a page of a model${image('file of a model')}${script('file of a model')}`;
  const more = { 'docs/page.html': page, 'docs/picture.svg': VECTOR_FILE };
  await writeTinyBundle(bundle, { name, keys: join(folder, 'keys'), words, more, interactive: true });
  const body = new Uint8Array(await zipFolder(bundle));
  const headers = { 'content-type': 'application/zip' };
  const answer = await person.ask('/api/models', { method: 'PUT', headers, body });
  return ((await answer.json()) as ModelAnswer).id;
}

/** Zips whose names lead out of the folder that they are unpacked to, as scans and as a model. */
async function escapes({ person, folder }: { readonly person: Person; readonly folder: string }): Promise<string[]> {
  for (const name of ESCAPES) {
    const body = new Uint8Array(writeZip([{ name, bytes: Buffer.from('escaped') }]));
    const headers = { 'content-type': 'application/zip' };
    const begun = await person.ask('/api/imports/zip', { method: 'POST', headers, body });
    if (begun.ok) await person.ended(await begun.json());
    await person.ask('/api/models', { method: 'PUT', headers, body });
  }
  return [...globSync('**/*escaped*', { cwd: folder }), ...globSync('/tmp/vesalius-escaped*')];
}

/** File names that are markup, an SVG that calls itself DICOM. */
async function hostileFolder(folder: string): Promise<string> {
  const at = join(folder, 'to-import');
  await mkdir(at, { recursive: true });
  await writeFile(join(at, TEXTS.fileName), 'not DICOM');
  await writeFile(join(at, 'picture.svg'), VECTOR_FILE);
  return at;
}

function hostileOnnx(): Buffer {
  const name = TEXTS.node;
  const value = (of: string) => ({ name: of, dataType: 1, shape: [1, 8] });
  const nodes = [{ name, opType: 'Relu', domain: '', inputs: [TEXTS.input], outputs: ['y'], attributes: {} }];
  const graph = { name, nodes, initializers: [], inputs: [value(TEXTS.input)], outputs: [value('y')] };
  const head = { irVersion: 8, producerName: TEXTS.producer, producerVersion: name, metadata: { [name]: name } };
  return Buffer.from(writeOnnx({ ...head, opsets: [{ domain: '', version: 17 }], graph } as OnnxModel));
}

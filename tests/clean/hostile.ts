import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnnotationAnswer, ModelAnswer, TrainingAnswer } from '@vesalius/api';
import { buildSegmentation, buildSeries, createDicomFile, writeDicom } from '@vesalius/dicom';
import { type OnnxModel, writeOnnx } from '@vesalius/engine';
import { affineFromSpacing, createVolume } from '@vesalius/volume';
import { writeTinyBundle } from '../../packages/bundle/src/testing/tiny-bundle.ts';
import { storeFiles } from '../e2e/open-workbench.ts';
import { newAnnotator, saveDraft, storeScan } from '../server/annotators.ts';
import { type Person, personWith } from '../server/signed-in.ts';
import { zipFolder } from '../server/write-zip.ts';

/** What runs if any page takes text for more than text: each calls `hostileRan`, which the page is given. */
export const PAYLOADS = {
  image: '<img src=x onerror=hostileRan("image")>',
  script: '<script>hostileRan("script")</script>',
  vector: '<svg onload=hostileRan("svg")></svg>',
  link: '[read me](javascript:hostileRan("link"))',
  template: '{{constructor.constructor("hostileRan(1)")()}}',
  direction: '\u202Egnp.\u2066<b onclick=hostileRan("b")>x',
  quote: '" autofocus onfocus=hostileRan("quote") x="',
} as const;

export interface Planted {
  readonly study: string;
  readonly series: string;
  readonly model: string;
  readonly training: string;
  /** To be brought in by a person: names of files on disk that say something. */
  readonly importFolder: string;
  readonly onnx: Buffer;
}

interface Ground {
  readonly url: string;
  readonly token: string;
  readonly folder: string;
}

const SIZE = [16, 16, 8] as const;

/** Puts hostile text wherever somebody else than the person at the page may write, by the ways that they have. */
export async function plantHostile({ url, token, folder }: Ground): Promise<Planted> {
  const person = personWith(url, token);
  const { slices, study, series } = hostileSlices();
  const files = await Promise.all([...slices, hostileSeg(slices)].map((one) => writeDicom(createDicomFile(one))));
  await storeFiles(url, token, files);
  const segment = { value: 1, name: PAYLOADS.vector, color: '#e6553c' };
  await person.ask('/api/projects/default/labels', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([segment]),
  });
  await labelAndReject(person, url, [series, await storeScan(person, SIZE)]);
  const model = await hostileModel({ url, token, folder });
  const request = { name: 'hostile', project: 'default', labels: 'submitted', steps: 1 };
  const training = (await person.json('/api/trainings', request)) as TrainingAnswer;
  return {
    study,
    series,
    model,
    training: training.id,
    importFolder: await hostileFolder(folder),
    onnx: hostileOnnx(),
  };
}

function hostileSlices() {
  const voxels = Int16Array.from({ length: SIZE[0] * SIZE[1] * SIZE[2] }, (_, i) => i % 251);
  const volume = createVolume({ voxels, size: SIZE, voxelToLps: affineFromSpacing([1, 1, 2]) });
  const subject = {
    PatientName: PAYLOADS.image,
    PatientID: PAYLOADS.script.slice(0, 64),
    StudyDescription: PAYLOADS.image.slice(0, 64),
    AccessionNumber: '<b>hostile',
  };
  const slices = buildSeries(volume, { modality: 'CT', subject, seriesDescription: PAYLOADS.vector });
  const uid = (name: 'StudyInstanceUID' | 'SeriesInstanceUID') => slices[0]?.string(name) ?? '';
  return { slices, study: uid('StudyInstanceUID'), series: uid('SeriesInstanceUID') };
}

function hostileSeg(source: ReturnType<typeof hostileSlices>['slices']) {
  const mask = new Uint8Array(SIZE[0] * SIZE[1] * SIZE[2]).fill(1, 300, 600);
  const code = { value: '52988006', scheme: 'SCT', meaning: PAYLOADS.link };
  const segment = {
    number: 1,
    label: PAYLOADS.image,
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
    await person.json(`/api/annotations/${id}/review`, { state: 'rejected', comment: PAYLOADS.quote + PAYLOADS.image });
    await mallory.json(`/api/annotations/${id}/submission`, {});
  }
}

async function hostileModel({ url, token, folder }: Ground): Promise<string> {
  const bundle = join(folder, 'hostile.bundle');
  const words = { label: PAYLOADS.image, description: `${PAYLOADS.link} ${PAYLOADS.script} ${PAYLOADS.template}` };
  await writeTinyBundle(bundle, { name: 'hostile', keys: join(folder, 'keys'), words, interactive: true });
  const body = new Uint8Array(await zipFolder(bundle));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/zip' };
  const answer = await fetch(`${url}/api/models`, { method: 'PUT', headers, body });
  return ((await answer.json()) as ModelAnswer).id;
}

/** File names that are markup, an SVG that calls itself DICOM. */
async function hostileFolder(folder: string): Promise<string> {
  const at = join(folder, 'to-import');
  await mkdir(at, { recursive: true });
  await writeFile(join(at, '<img src=x onerror=hostileRan(1)>.dcm'), 'not DICOM');
  await writeFile(join(at, 'picture.svg'), '<svg xmlns="http://www.w3.org/2000/svg" onload="hostileRan(2)"/>');
  return at;
}

function hostileOnnx(): Buffer {
  const name = PAYLOADS.image;
  const value = (of: string) => ({ name: of, dataType: 1, shape: [1, 8] });
  const nodes = [{ name, opType: 'Relu', domain: '', inputs: [PAYLOADS.vector], outputs: ['y'], attributes: {} }];
  const graph = { name, nodes, initializers: [], inputs: [value(PAYLOADS.vector)], outputs: [value('y')] };
  const head = { irVersion: 8, producerName: PAYLOADS.script, producerVersion: name, metadata: { [name]: name } };
  return Buffer.from(writeOnnx({ ...head, opsets: [{ domain: '', version: 17 }], graph } as OnnxModel));
}

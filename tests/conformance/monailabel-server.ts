import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSeries, createDicomFile, writeDicom } from '@vesalius/dicom';
import { readVolume, writeNifti } from '@vesalius/volume';
import pino from 'pino';
import { PRODUCT } from '../../packages/server/src/http/principal.ts';
import { type RunningServer, startServer } from '../../packages/server/src/serve.ts';
import { DEFAULT_SETTINGS } from '../../packages/server/src/settings.ts';
import { writeTinyData, writeTinyPlan } from '../program/tiny-data.ts';
import { PROGRAM, runVesalius } from '../program/vesalius.ts';

/** A server with scans, a model and a user, for clients of MONAI Label. */
export interface MonailabelServer {
  readonly running: RunningServer;
  /** Of the interface, on its own port. */
  readonly alone: string;
  readonly folder: string;
  readonly model: string;
  /** A series with its study, and a label map of it as a file. */
  readonly scans: readonly {
    readonly series: string;
    readonly study: string;
    readonly label: string;
    readonly file: string;
  }[];
  readonly user: { readonly name: string; readonly password: string };
  close(): Promise<void>;
}

interface ServeOptions {
  readonly auth: boolean;
  readonly ohifFolder?: string;
  /** Default true; it takes seconds to train. */
  readonly withModel?: boolean;
  /** How many of the last scans have a final label already, to train on. */
  readonly labelled?: number;
}

const CASES = 5;
const STEPS = '120';
const PASSWORD = 'a long enough password';
const EVERYTHING = { projects: 'all' } as const;

/** Starts it in a temporary folder; the model is trained on balls, in seconds. */
export async function serveMonailabel({
  auth,
  ohifFolder,
  withModel = true,
  labelled = 0,
}: ServeOptions): Promise<MonailabelServer> {
  const folder = await mkdtemp(join(tmpdir(), 'vesalius-monailabel-'));
  const monailabel = { root: '/monailabel', auth, port: 0, ...(ohifFolder === undefined ? {} : { ohifFolder }) };
  const program = { command: process.execPath, args: [PROGRAM] };
  const dimse = { ...DEFAULT_SETTINGS.dimse, port: 0 };
  const settings = { ...DEFAULT_SETTINGS, dataFolder: join(folder, 'data'), httpPort: 0, dimse, monailabel, program };
  await mkdir(settings.dataFolder);
  const running = await startServer(settings, { log: pino({ level: 'silent' }) });
  const close = async () => {
    await running.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await changePassword(running);
    await writeTinyData(join(folder, 'tiny'), CASES);
    const { models } = running.services;
    const { id = '' } = withModel ? await models.add(await trainedBundle(folder), { project: 'default' }) : {};
    const scans = await Promise.all(
      Array.from({ length: CASES }, (_, i) => storeScan(running, join(folder, 'tiny'), i)),
    );
    for (const scan of scans.slice(CASES - labelled)) await handIn(running, scan);
    const { monailabelUrl: alone = '' } = running;
    return { running, alone, folder, model: id, scans, user: { name: 'admin', password: PASSWORD }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function trainedBundle(folder: string): Promise<string> {
  await writeTinyPlan(folder, 'tiny', { side: 12 });
  const line = ['train', 'tiny', '--plan', 'plan.json', '--steps', STEPS, '--out', 'bundle'];
  const { status, stderr } = await runVesalius(line, { cwd: folder });
  if (status !== 0) throw new Error(stderr);
  return join(folder, 'bundle');
}

async function storeScan({ services: { archive } }: RunningServer, folder: string, i: number) {
  const read = async (kind: string) => {
    const path = join(folder, kind, `case${i}.nii`);
    return readVolume(await readFile(path), path);
  };
  const [scan, label] = [await read('images'), await read('labels')];
  const slices = buildSeries(scan, { modality: 'MR', seriesDescription: `Ball ${i}` });
  const source = { kind: 'product', from: 'test' } as const;
  for (const slice of slices)
    await archive.store(await writeDicom(createDicomFile(slice)), { source, project: 'default', access: EVERYTHING });
  const [file, labelFile] = [join(folder, `scan${i}.nii.gz`), join(folder, `label${i}.nii.gz`)];
  await writeFile(file, await writeNifti(scan));
  await writeFile(labelFile, await writeNifti(label));
  const [first] = slices;
  return {
    ...{ file, label: labelFile },
    series: first?.string('SeriesInstanceUID') ?? '',
    study: first?.string('StudyInstanceUID') ?? '',
  };
}

async function handIn(
  { services: { annotations } }: RunningServer,
  scan: { readonly series: string; readonly label: string },
) {
  const { id } = await annotations.open(scan.series, { id: 'reader', name: 'reader', kind: 'person' }, EVERYTHING);
  const { voxels } = await readVolume(await readFile(scan.label), scan.label);
  const content = { mask: Uint8Array.from(voxels, Number), segments: [{ value: 1, name: 'ball', color: '#ff0000' }] };
  await annotations.save(id, content, { ifRevision: 0, access: EVERYTHING });
  await annotations.submit(id, PRODUCT, EVERYTHING);
}

async function changePassword({ url, firstAdmin }: RunningServer): Promise<void> {
  const cookie = await signIn(url, 'admin', firstAdmin?.oneTimePassword ?? '');
  const body = JSON.stringify({ old: firstAdmin?.oneTimePassword, new: PASSWORD });
  const answer = await fetch(`${url}/api/me/password`, { method: 'PUT', headers: { ...OWN, cookie }, body });
  if (!answer.ok) throw new Error(await answer.text());
}

const OWN = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };

/** @returns the cookie of a session */
export async function signIn(url: string, name: string, password: string): Promise<string> {
  const answer = await fetch(`${url}/api/sign-in`, {
    method: 'POST',
    headers: OWN,
    body: JSON.stringify({ name, password }),
  });
  return answer.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
}

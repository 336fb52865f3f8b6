import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnnotationAnswer } from '@vesalius/api';
import { buildSeries, createDicomFile, writeDicom } from '@vesalius/dicom';
import { createVolume } from '@vesalius/volume';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { saveDraft } from '../server/annotators.ts';
import { type Person, personWith } from '../server/signed-in.ts';
import { killServers, type StartedServer, startedServer } from '../server/started-server.ts';
import { openWorkbench, storeFiles } from './open-workbench.ts';

const SIDE = 8;
const STUDIES = [
  { PatientName: 'Ada^B', StudyDate: '20240101', StudyDescription: 'head' },
  { PatientName: 'Carl^D', StudyDate: '20250601', StudyDescription: 'abdomen' },
  { PatientName: 'Bea^C', StudyDate: '20260301', StudyDescription: 'chest' },
] as const;

let folder = '';
let server: StartedServer;
let browser: Browser | undefined;
let page: Page;
let person: Person;
const series: string[] = [];

beforeAll(async () => {
  if (!findChromium()) return;
  folder = await mkdtemp(join(tmpdir(), 'vesalius-worklist-'));
  [server, browser] = await Promise.all([startedServer(folder, '--no-samples'), openChromium()]);
  const opened = await openWorkbench(server, browser);
  page = opened.page;
  person = personWith(server.url, opened.token);
  for (const subject of STUDIES) {
    const voxels = Int16Array.from({ length: SIDE ** 3 }, (_, i) => i);
    const slices = buildSeries(createVolume({ voxels, size: [SIDE, SIDE, SIDE] }), { modality: 'CT', subject });
    series.push(slices[0]?.string('SeriesInstanceUID') ?? '');
    const files = await Promise.all(slices.map((slice) => writeDicom(createDicomFile(slice))));
    await storeFiles(server.url, opened.token, files);
  }
  await person.json('/api/projects', { id: 'trial', name: 'A trial' });
  const { id, revision } = (await person.json('/api/annotations', { series: series[0] })) as AnnotationAnswer;
  await saveDraft(person, { id, revision }, new Uint8Array(SIDE ** 3).fill(1, 100, 200));
  await page.goto(server.url);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  killServers();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

const names = () => page.locator('tbody a').allTextContents();
const row = (name: string) => page.getByRole('row').filter({ hasText: name });

test.skipIf(!findChromium())(
  'the newest study first, then by any column; between two days; each with its project and how far its labels are',
  async () => {
    await expect.poll(names, { timeout: 10_000 }).toEqual(['Bea C', 'Carl D', 'Ada B']);
    await page.getByRole('button', { name: 'Patient' }).click();
    expect(await names()).toEqual(['Ada B', 'Bea C', 'Carl D']);
    await page.getByRole('button', { name: 'Description' }).click();
    await page.getByRole('button', { name: 'Description' }).click();
    expect(await names()).toEqual(['Ada B', 'Bea C', 'Carl D']);
    await row('Ada B').getByText('Draft').waitFor();
    await row('Bea C').getByText('Not labelled').waitFor();
    await page.getByLabel('From').fill('2025-01-01');
    await page.getByLabel('To', { exact: true }).fill('2025-12-31');
    await expect.poll(names).toEqual(['Carl D']);
    await page.getByLabel('From').fill('');
    await page.getByLabel('To', { exact: true }).fill('');
    await expect.poll(async () => (await names()).length).toBe(3);
  },
  30_000,
);

test.skipIf(!findChromium())(
  'a study is put into another project, and found there',
  async () => {
    await row('Carl D').getByRole('combobox', { name: 'Project' }).selectOption({ label: 'A trial' });
    await page.getByLabel('All projects').selectOption({ label: 'A trial' });
    await expect.poll(names).toEqual(['Carl D']);
    await expect.poll(() => row('Carl D').getByRole('combobox', { name: 'Project' }).inputValue()).toBe('trial');
  },
  30_000,
);

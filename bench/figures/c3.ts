import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSeries } from '@vesalius/dicom';
import { affineFromSpacing, createVolume } from '@vesalius/volume';
import type { Page } from 'playwright-core';
import { fileOf } from '../../tests/conformance/dicomweb-client.ts';
import { openWorkbench, storeFiles } from '../../tests/e2e/open-workbench.ts';
import { killServers, startedServer } from '../../tests/server/started-server.ts';
import { ROOT } from '../../tools/root.ts';
import { openChromium } from '../browser/open-chromium.ts';
import type { Measure } from '../figure-result.ts';
import { median } from '../peers/alternate.ts';
import { answerTimes } from './c3-answers.ts';
import { besideOhif } from './c3-ohif.ts';

const SIZE = [512, 512, 300] as const;
const SCROLLED = 250;
const SCROLLS = 5;
/** What playwright opens, and what a laptop shows. */
const WINDOWS = [
  { width: 1280, height: 720 },
  { width: 1400, height: 900 },
] as const;
const DIST = join(ROOT, 'packages/workbench/dist/assets');

/**
 * The viewer on a generated CT of 300 slices: time to the first image after the click, scrolling; a model's proposal and its answers to clicks;
 * time and memory beside OHIF; the sizes of the page. `VESALIUS_CLICKS_BUNDLE` names the model.
 */
export const measure: Measure = async ({ quick, log }) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-c3-'));
  const server = await startedServer(folder, '--no-samples', '--log', 'error');
  try {
    const size = quick ? ([256, 256, 60] as const) : SIZE;
    const opened = await openChromium();
    const { page, token } = await openWorkbench(server, opened);
    log(`storing ${size[2]} slices`);
    const study = await storeCt(server.url, token, size);
    const firstImages: number[] = [];
    for (let i = 0; i < (quick ? 1 : 3); i++) firstImages.push(await firstImage(page, server.url, study));
    log(`first image after ${firstImages} ms`);
    const rates: Record<string, number> = {};
    for (const viewport of WINDOWS)
      for (const layout of ['single', 'planes'] as const) {
        await page.setViewportSize(viewport);
        await page.getByRole('combobox', { name: 'Layout' }).selectOption(layout);
        const found: number[] = [];
        for (let i = 0; i <= SCROLLS; i++) found.push(await scroll(page, Math.min(SCROLLED, size[2] - 10)));
        // In the first, what draws is still being compiled.
        log(`${viewport.width} x ${viewport.height}, ${layout}: ${found} frames/s`);
        rates[`${layout}At${viewport.width}`] = median(found.slice(1));
      }
    const answers = await answerTimes({ server, page, token, folder, log });
    await opened.close();
    const { figure, peer } = await besideOhif({ server, token, study, rounds: quick ? 1 : 3, log });
    return {
      figure: {
        firstImageMs: median(firstImages),
        scrollFramesPerSecond: rates['singleAt1280'] ?? 0,
        ...rates,
        ...answers,
        ...pageSizes(),
        ...figure,
      },
      peer,
    };
  } finally {
    killServers();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** A body with a bone and noise, stored in portions. */
async function storeCt(url: string, token: string, size: readonly [number, number, number]): Promise<string> {
  const [nx, ny, nz] = size;
  const voxels = new Int16Array(nx * ny * nz);
  for (let i = 0; i < voxels.length; i++) {
    const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    const away = Math.hypot((x - nx / 2) / nx, (y - ny / 2) / ny);
    const value = away < 0.06 + 0.02 * Math.sin(z / 9) ? 700 : away < 0.4 ? 40 : -1000;
    voxels[i] = value + ((i * 2_654_435_761) % 31) - 15;
  }
  const volume = createVolume({ voxels, size: [nx, ny, nz], voxelToLps: affineFromSpacing([0.7, 0.7, 1]) });
  const slices = buildSeries(volume, { modality: 'CT' });
  for (let from = 0; from < slices.length; from += 20)
    await storeFiles(url, token, await Promise.all(slices.slice(from, from + 20).map(fileOf)));
  return slices[0]?.string('StudyInstanceUID') ?? '';
}

/** From the click on the study in the work list until a slice is drawn. */
async function firstImage(page: Page, url: string, study: string): Promise<number> {
  await page.goto(url);
  const link = page.locator(`a[href*="${study}"]`).first();
  await link.waitFor({ timeout: 30_000 });
  // What a person has seen of the list is loaded by then.
  await page.waitForTimeout(2000);
  await page.evaluate(() =>
    addEventListener('click', () => performance.mark('c3-click'), { capture: true, once: true }),
  );
  await link.click();
  await page.locator('[data-shown]').first().waitFor({ timeout: 60_000 });
  return page.evaluate(() => {
    const start = performance.getEntriesByName('c3-click')[0]?.startTime ?? 0;
    const shown = performance.getEntriesByName('vesalius-first-image')[0]?.startTime ?? Number.NaN;
    return Math.round(shown - start);
  });
}

/** Slices drawn a second while a key of the next slice comes with every frame of the screen; all slices are here. */
async function scroll(page: Page, steps: number): Promise<number> {
  await page.waitForLoadState('networkidle', { timeout: 180_000 });
  const view = page.getByRole('application').first();
  await view.focus();
  await page.keyboard.press('Home');
  await page.waitForTimeout(500);
  return view.evaluate(async (element, count) => {
    const key = (name: string) => element.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
    const drawn = () => Number((element as HTMLElement).dataset['drawn'] ?? 0);
    const [start, before] = [performance.now(), drawn()];
    for (let i = 0; i < count; i++) {
      key('ArrowDown');
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return Math.round(((drawn() - before) * 10_000) / (performance.now() - start)) / 10;
  }, steps);
}

/** What a browser fetches before the viewer, and the viewer's own chunk. */
function pageSizes() {
  const gzipMb = (part: RegExp) =>
    readdirSync(DIST)
      .filter((name) => part.test(name))
      .reduce((sum, name) => sum + gzipSync(readFileSync(join(DIST, name))).length / 1e6, 0);
  const round = (value: number) => Math.round(value * 1000) / 1000;
  return {
    pageGzipMb: round(gzipMb(/^(index|jsx-runtime|rolldown-runtime|preload-helper)-.*\.(js|css)$/)),
    viewerGzipMb: round(gzipMb(/^study-page-.*\.(js|css)$/)),
  };
}

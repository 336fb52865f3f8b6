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

const SIZE = [512, 512, 300] as const;
const SCROLLED = 200;
const DIST = join(ROOT, 'packages/workbench/dist/assets');

/** The viewer on a generated CT of 300 slices: time to the first image after the click, scrolling, memory; the sizes of the page. */
export const measure: Measure = async ({ quick, log }) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-c3-'));
  const [server, browser] = await Promise.all([startedServer(folder), openChromium()]);
  try {
    const { page, token } = await openWorkbench(server, browser);
    const size = quick ? ([256, 256, 60] as const) : SIZE;
    log(`storing ${size[2]} slices`);
    const study = await storeCt(server.url, token, size);
    const firstImageMs = await firstImage(page, server.url, study);
    const scrollFramesPerSecond = await scroll(page);
    const { pageGzipMb, viewerGzipMb } = pageSizes();
    const memoryMb = await page.evaluate(
      () => ((performance as unknown as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0) / 1e6,
    );
    const figure = { firstImageMs, scrollFramesPerSecond, pageGzipMb, viewerGzipMb, heapMb: Math.round(memoryMb) };
    log(JSON.stringify(figure));
    return { figure, peer: {} };
  } finally {
    await browser.close();
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

/** Slices drawn a second with the arrow key held, in the three planes of a CT, as soon as all slices are here. */
async function scroll(page: Page): Promise<number> {
  await page.waitForLoadState('networkidle', { timeout: 180_000 });
  const canvas = page.getByRole('application').first();
  await canvas.focus();
  await page.keyboard.press('Home');
  return canvas.evaluate(async (element, count) => {
    const key = (name: string) => element.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
    const drawn = () => Number((element as HTMLElement).dataset['drawn'] ?? 0);
    const [start, before] = [performance.now(), drawn()];
    for (let i = 0; i < count; i++) {
      key('ArrowDown');
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return Math.round(((drawn() - before) * 10_000) / (performance.now() - start)) / 10;
  }, SCROLLED);
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

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSeries, createDicomFile, writeDicom } from '@vesalius/dicom';
import { type OnnxModel, writeOnnx } from '@vesalius/engine';
import { createVolume } from '@vesalius/volume';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { writeTinyBundle } from '../../packages/bundle/src/testing/tiny-bundle.ts';
import { findChromium } from '../../tools/find-program.ts';
import { killServers, type StartedServer, startedServer } from '../server/started-server.ts';
import { zipFolder } from '../server/write-zip.ts';
import { openWorkbench, storeFiles } from './open-workbench.ts';

let folder = '';
let server: StartedServer;
let browser: Browser | undefined;
let page: Page;
let token = '';
const problems: string[] = [];

beforeAll(async () => {
  if (!findChromium()) return;
  folder = await mkdtemp(join(tmpdir(), 'vesalius-models-'));
  [server, browser] = await Promise.all([startedServer(folder, '--no-samples'), openChromium()]);
  ({ page, token } = await openWorkbench(server, browser));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
}, 30_000);

afterAll(async () => {
  await browser?.close();
  killServers();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

async function bundleZip(name = 'tiny', network?: string): Promise<Buffer> {
  const bundle = join(folder, `${name}.bundle`);
  await writeTinyBundle(bundle, { name, keys: join(folder, 'keys'), ...(network && { network }) });
  return zipFolder(bundle);
}

/** A chain of activations with skips. */
function chain(count: number, op = 'Relu'): Buffer {
  const step = (i: number) =>
    i % 10 === 9
      ? { opType: 'Add', inputs: [`v${i}`, `v${i - 8}`] }
      : { opType: i === 5 ? op : 'Relu', inputs: [`v${i}`] };
  const nodes = Array.from({ length: count }, (_, i) => ({
    ...step(i),
    domain: '',
    name: `node${i}`,
    outputs: [`v${i + 1}`],
    attributes: {},
  }));
  const value = (name: string) => ({ name, dataType: 1, shape: [1, 8] });
  const graph = { name: 'chain', nodes, initializers: [], inputs: [value('v0')], outputs: [value(`v${count}`)] };
  const head = { irVersion: 8, producerName: 'test', producerVersion: '1', metadata: {} };
  const model: OnnxModel = { ...head, opsets: [{ domain: '', version: 17 }], graph };
  return Buffer.from(writeOnnx(model));
}

function onnx(name: string, buffer: Buffer) {
  return { name, mimeType: 'application/octet-stream', buffer };
}

const boxes = async () => Number(await page.locator('canvas').getAttribute('data-boxes'));

test.skipIf(!findChromium())(
  'a bundle is added as a zip; its card, metrics, graph and files can be seen',
  async () => {
    await page.goto(`${server.url}/models`);
    await page.getByText('No models yet').waitFor();
    const zip = { name: 'tiny.zip', mimeType: 'application/zip', buffer: await bundleZip() };
    await page.getByLabel('Add a bundle').setInputFiles(zip);
    await page.getByRole('heading', { name: /tiny/ }).first().waitFor();
    await page.getByRole('tab', { name: 'Files' }).click();
    await page.getByRole('link', { name: 'model.onnx' }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download bundle' }).click();
    expect((await download).suggestedFilename()).toMatch(/^tiny.*\.zip$/);
    await page.getByRole('tab', { name: 'Graph' }).click();
    await page.locator('canvas').waitFor();
    await page.getByRole('button', { name: 'Measure times' }).click();
    await page.getByRole('heading', { name: /Time of a run/ }).waitFor();
    await page.getByRole('searchbox').fill('conv weight');
    await page.getByRole('button', { name: /^Conv/ }).first().click();
    await page.getByRole('img', { name: 'Histogram of the values' }).first().waitFor();
    const npy = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as .npy' }).first().click();
    expect((await npy).suggestedFilename()).toMatch(/\.npy$/);
  },
  40_000,
);

async function storeScan(seed: number): Promise<void> {
  const voxels = Int16Array.from({ length: 16 ** 3 }, (_, i) => (i * seed) % 1009);
  const slices = buildSeries(createVolume({ voxels, size: [16, 16, 16] }), { modality: 'MR' });
  const files = await Promise.all(slices.map((slice) => writeDicom(createDicomFile(slice))));
  await storeFiles(server.url, token, files);
}

test.skipIf(!findChromium())(
  'the next case opens with its reason, and where the model is unsure and what another weighed lie over it; Shift+N leads on',
  async () => {
    const headers = { 'content-type': 'application/zip', authorization: `Bearer ${token}` };
    const body = (await bundleZip('gated', 'trans-unet-plus-plus')) as BodyInit;
    expect((await fetch(`${server.url}/api/models`, { method: 'PUT', headers, body })).status).toBe(201);
    for (const seed of [3, 251]) await storeScan(seed);
    await page.goto(server.url);
    await page.getByLabel('Which case comes next').selectOption('the oldest');
    await page.getByRole('button', { name: 'Next case' }).click();
    await page.getByText('The oldest without labels.').waitFor();
    const first = new URL(page.url()).pathname;
    await page.getByRole('button', { name: 'Uncertainty' }).click();
    await page.getByText('The brighter, the less sure.').waitFor({ timeout: 15_000 });
    await page.getByRole('button', { name: 'Uncertainty' }).click();
    await page.getByRole('button', { name: 'What it weighed' }).click();
    await page.getByText('The brighter, the more the transformer spoke').waitFor({ timeout: 15_000 });
    await page.getByRole('combobox', { name: 'Map' }).selectOption('Gate 0.1');
    await page.getByRole('button', { name: 'What it weighed' }).click();
    await page.keyboard.press('Shift+N');
    await page.waitForURL((url) => url.pathname !== first);
    await page.getByText('The oldest without labels.').waitFor();
  },
  40_000,
);

test.skipIf(!findChromium())(
  'a file of 10,000 nodes opens, is walked by the keyboard, compared and timed',
  async () => {
    await page.goto(`${server.url}/graph`);
    const begun = performance.now();
    await page.getByLabel('Open file').setInputFiles(onnx('large.onnx', chain(10_000)));
    await page.locator('canvas').waitFor({ timeout: 20_000 });
    expect(await boxes()).toBe(10_002);
    expect(performance.now() - begun).toBeLessThan(15_000);
    await page.getByRole('application').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', '0', '+', '-', 'ArrowUp']) await page.keyboard.press(key);
    await page.getByRole('status').filter({ hasText: 'node0' }).waitFor();
    await page.getByLabel('Compare with').setInputFiles(onnx('before.onnx', chain(10_000, 'Tanh')));
    await page.getByRole('heading', { name: '2 nodes differ' }).waitFor();
    await page.getByRole('button', { name: 'End comparison' }).click();
    const event = { cat: 'Node', name: 'node7_kernel_time', dur: 1500, args: { op_name: 'Relu' } };
    const profile = { name: 'p.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify([event])) };
    await page.getByLabel('Times').setInputFiles(profile);
    await page.getByRole('button', { name: /1\.50 ms Relu node7/ }).click();
    await page.getByRole('status').filter({ hasText: 'node7' }).waitFor();
    await page.getByLabel('Open file').setInputFiles(onnx('broken.onnx', Buffer.from('no model')));
    await page.getByRole('alert').waitFor();
  },
  40_000,
);

test.skipIf(!findChromium())(
  'a training without labelled series cannot be begun, and nothing went wrong on the way',
  async () => {
    await page.goto(`${server.url}/train`);
    await page.getByRole('button', { name: 'New training' }).click();
    await page.getByText('0 labelled series').waitFor();
    expect(await page.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true);
    expect(problems).toEqual([]);
  },
  20_000,
);

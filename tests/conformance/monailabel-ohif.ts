import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { type MonailabelServer, signIn } from './monailabel-server.ts';
import type { ClientCheck } from './outside-client.ts';

const LOADED_MS = 90_000;
const SHOWN_MS = 30_000;

/**
 * The OHIF that PyPI's monailabel carries, in Chromium, signed in at our server: opens a study, connects to MONAI Label, runs a
 * segmentation, stores it as a SEG.
 */
export async function runMonailabelOhif(server: MonailabelServer): Promise<ClientCheck[]> {
  const browser = await openChromium();
  try {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
    await context.addCookies([{ ...(await sessionOf(server)), domain: '127.0.0.1', path: '/' }]);
    return await inSteps(await context.newPage(), server);
  } finally {
    await browser.close();
  }
}

async function sessionOf({ running, user }: MonailabelServer) {
  const [name = '', value = ''] = (await signIn(running.url, user.name, user.password)).split('=');
  return { name, value };
}

/** A step that fails ends the others. */
async function inSteps(page: Page, server: MonailabelServer): Promise<ClientCheck[]> {
  const checks: ClientCheck[] = [];
  for (const [name, step] of STEPS) {
    try {
      await step(page, server);
      checks.push({ name, ok: true });
    } catch (error) {
      checks.push({ name, ok: false, detail: String(error).slice(0, 300) });
      break;
    }
  }
  return checks;
}

type Step = (page: Page, server: MonailabelServer) => Promise<void>;

const STEPS: readonly (readonly [string, Step])[] = [
  ['opens a study', openStudy],
  ['connects to the server', connect],
  ['runs a segmentation', segment],
  ['stores it', store],
];

async function openStudy(page: Page, { alone, scans: [, scan] }: MonailabelServer): Promise<void> {
  await page.goto(`${alone}/ohif/monai-label?StudyInstanceUIDs=${scan?.study}`);
  await page.locator('#monailabelServerURL').waitFor({ timeout: LOADED_MS });
  await page.locator('.cornerstone-canvas').first().waitFor({ timeout: LOADED_MS });
  // The panel is there before the volume that it works on.
  await until(page, 'cornerstone.cache.getVolumes().some(({ loadStatus }) => loadStatus?.loaded)', LOADED_MS);
}

async function connect(page: Page, { alone, model }: MonailabelServer): Promise<void> {
  await page.locator('#monailabelServerURL').fill(`${alone}/`);
  await page.locator('.settingsTable button').click();
  await page
    .locator(`option[value="${model}"], option[name="${model}"]`)
    .first()
    .waitFor({ state: 'attached', timeout: SHOWN_MS });
  await until(page, "services.segmentationService.getLabelmapVolume('1') !== undefined", SHOWN_MS);
}

async function segment(page: Page): Promise<void> {
  await page.getByTitle('Run Segmentation', { exact: true }).click();
  const voxels = "services.segmentationService.getLabelmapVolume('1').voxelManager.getCompleteScalarDataArray()";
  await until(page, `${voxels}.some((value) => value > 0)`, SHOWN_MS);
}

/** By the viewer's own command: its mode for MONAI Label shows no button for it. */
async function store(page: Page, { running, scans: [, scan] }: MonailabelServer): Promise<void> {
  await page.evaluate(STORE);
  await page.getByText('Save', { exact: true }).last().click({ timeout: SHOWN_MS });
  const study = [
    { tag: '0020000D', value: scan?.study ?? '' },
    { tag: '00080060', value: 'SEG' },
  ];
  for (const end = Date.now() + SHOWN_MS; Date.now() < end; await setTimeout(200)) {
    const { matches } = await running.services.archive.find({
      level: 'SERIES',
      match: study,
      access: { projects: 'all' },
    });
    if (matches.length > 0) return;
  }
  throw new Error('no SEG came into the archive');
}

/** The viewer keeps its sources of data from scripts: they are found through the panel's component. */
const STORE = `(() => {
  const panel = document.querySelector('.monaiLabelPanel');
  let fiber = panel[Object.keys(panel).find((key) => key.startsWith('__reactFiber'))];
  while (!fiber.stateNode?.props?.extensionManager) fiber = fiber.return;
  const [dataSource] = fiber.stateNode.props.extensionManager.getActiveDataSource();
  void commandsManager.runCommand('storeSegmentation', { segmentationId: '1', dataSource });
})()`;

async function until(page: Page, condition: string, timeout: number): Promise<void> {
  await page.waitForFunction(`(() => { try { return ${condition}; } catch { return false; } })()`, undefined, {
    timeout,
  });
}

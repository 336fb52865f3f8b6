import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSeries } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { readVolume } from '@vesalius/volume';
import type { Page } from 'playwright-core';
import { fileOf } from '../../tests/conformance/dicomweb-client.ts';
import { storeFiles } from '../../tests/e2e/open-workbench.ts';
import { PROGRAM } from '../../tests/program/vesalius.ts';
import type { StartedServer } from '../../tests/server/started-server.ts';
import { zipFolder } from '../../tests/server/write-zip.ts';
import { ROOT } from '../../tools/root.ts';
import { median } from '../peers/alternate.ts';
import { dataFolder } from './data-folder.ts';

interface Work {
  readonly server: StartedServer;
  readonly page: Page;
  readonly token: string;
  readonly folder: string;
  readonly log: (line: string) => void;
}

const CLICKS = [
  [0, 0],
  [0.05, 0.02],
  [-0.04, 0.05],
  [0.02, -0.06],
  [-0.06, -0.03],
  [0.07, 0.07],
] as const;
/** As many weights and operations as the trained one; how well it does is figure C4. */
const STEPS = '30';

/** From the press of the button, and from the click on the image, until the answer is drawn, in the page of one hippocampus. */
export async function answerTimes({ server, page, token, log }: Work): Promise<Record<string, number>> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/zip' };
  const body = new Uint8Array(await zipFolder(bundleFolder(log)));
  const put = await fetch(`${server.url}/api/models`, { method: 'PUT', headers, body });
  if (!put.ok) throw new VesaliusError('PEER_REFUSED', { what: 'bundle', got: await put.text() });
  const study = await storeHippocampus(server.url, token);
  await page.goto(`${server.url}/study/${study}?panel=annotate`);
  await page.locator('[data-shown]').first().waitFor();
  const propose = page.getByRole('button', { name: 'Propose' });
  await propose.waitFor();
  // As long as anybody looks before pressing.
  await page.waitForTimeout(2000);
  const first = await untilAnswered(page, 'click', () => propose.click());
  const again = await untilAnswered(page, 'click', () => propose.click());
  await page.getByRole('button', { name: 'Clicks' }).click();
  const box = await page.getByRole('application').first().boundingBox();
  if (!box) throw new VesaliusError('RUNTIME_FAILED', { what: 'the view', got: 'not in sight' });
  const side = Math.min(box.width, box.height);
  const updates: number[] = [];
  const parts: string[] = [];
  page.on('response', (answer) => {
    if (answer.url().endsWith('/interaction')) parts.push(answer.headers()['server-timing'] ?? '');
  });
  for (const [right, down] of CLICKS) {
    const [x, y] = [box.x + box.width / 2 + right * side, box.y + box.height / 2 + down * side];
    updates.push(await untilAnswered(page, 'pointerdown', () => page.mouse.click(x, y)));
    // As a person does: looks at the answer first. The draft is saved meanwhile.
    await page.waitForTimeout(1500);
  }
  for (const part of parts) log(part);
  log(`proposal ${first} ms, again ${again} ms; clicks ${updates} ms`);
  return { firstProposalMs: first, nextProposalMs: again, clickUpdateMs: median(updates) };
}

/** @returns milliseconds from the event until the frame after the answer */
async function untilAnswered(page: Page, event: string, act: () => Promise<unknown>): Promise<number> {
  const measured = page.evaluate(
    (name) =>
      new Promise<number>((resolve) => {
        addEventListener(
          name,
          ({ timeStamp }) => {
            const answers = new PerformanceObserver((list) => {
              if (!list.getEntries().some((entry) => entry.name.endsWith('/interaction'))) return;
              answers.disconnect();
              requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - timeStamp)));
            });
            answers.observe({ type: 'resource' });
          },
          { capture: true, once: true },
        );
      }),
    event,
  );
  await page.waitForTimeout(100);
  await act();
  return Math.round(await measured);
}

async function storeHippocampus(url: string, token: string): Promise<string> {
  const images = join(dataFolder(), 'hippocampus', 'images');
  const name = (await readdir(images)).sort().at(-1) ?? '';
  const scan = await readVolume(await readFile(join(images, name)), name);
  const voxels = Int16Array.from(scan.voxels as ArrayLike<number>);
  const slices = buildSeries({ ...scan, voxels }, { modality: 'MR' });
  await storeFiles(url, token, await Promise.all(slices.map(fileOf)));
  return slices[0]?.string('StudyInstanceUID') ?? '';
}

function bundleFolder(log: Work['log']): string {
  const given = process.env['VESALIUS_CLICKS_BUNDLE'];
  if (given) return given;
  const out = join(ROOT, '.cache/c3/clicks.bundle');
  if (existsSync(out)) return out;
  log(`training ${STEPS} steps`);
  const data = join(dataFolder(), 'hippocampus');
  const line = ['train', 'hippocampus', '--interactive', '--data', data, '--out', out, '--steps', STEPS];
  const { stderr } = spawnSync(process.execPath, [PROGRAM, ...line], { encoding: 'utf8' });
  if (!existsSync(out)) throw new VesaliusError('RUNTIME_FAILED', { what: 'training', got: stderr.slice(-500) });
  return out;
}

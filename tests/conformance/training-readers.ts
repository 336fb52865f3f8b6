import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../../bench/archives/spawn-server.ts';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { pythonWith, pythonWithPeers } from '../../tools/python-env.ts';
import type { ClientCheck } from './outside-client.ts';

const NETRON = { requirements: 'tests/conformance/netron-requirements.txt', folder: '.venv/netron' };
const STARTED_MS = 60_000;

/** TensorBoard on the run of a training, Netron on its model: `bundle.run` and `bundle` in a folder. */
export async function runReaders({ folder }: { readonly folder: string }): Promise<ClientCheck[]> {
  return [
    await checked('TensorBoard shows the curves', () => readCurves(join(folder, 'bundle.run'))),
    await checked('Netron draws the model', () => drawModel(join(folder, 'bundle/model.onnx'))),
  ];
}

async function checked(name: string, work: () => Promise<void>): Promise<ClientCheck> {
  try {
    await work();
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, detail: String(error).slice(0, 300) };
  }
}

async function readCurves(run: string): Promise<void> {
  const port = await freePort();
  const line = ['-m', 'tensorboard.main', '--logdir', run, '--port', String(port), '--host', '127.0.0.1'];
  await beside(pythonWithPeers(), line, async () => {
    const tags = `http://127.0.0.1:${port}/data/plugin/scalars/tags`;
    const isRead = (runs: Json) => Object.values(runs).some((run) => 'train/loss' in run);
    await answered(tags, isRead);
  });
}

/** By run, then tag. */
type Json = Readonly<Record<string, object>>;

async function drawModel(model: string): Promise<void> {
  const port = await freePort();
  const program = join(dirname(pythonWith(NETRON)), 'netron');
  await beside(program, [model, '--port', String(port), '--host', '127.0.0.1'], async () => {
    const url = `http://127.0.0.1:${port}/`;
    await answered(url, () => true);
    const browser = await openChromium();
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await page.getByText('Accept').click({ timeout: STARTED_MS });
      await page.locator('svg .node, g.node, .graph-node').first().waitFor({ state: 'attached', timeout: STARTED_MS });
    } finally {
      await browser.close();
    }
  });
}

/** Works while a program runs beside it. */
async function beside(program: string, line: readonly string[], work: () => Promise<void>): Promise<void> {
  const child: ChildProcess = spawn(program, line, { stdio: 'ignore' });
  try {
    await work();
  } finally {
    child.kill('SIGKILL');
  }
}

/** Asks until the answer is what is waited for. */
async function answered(url: string, enough: (json: Json) => boolean): Promise<Json> {
  for (const end = Date.now() + STARTED_MS; Date.now() < end; await setTimeout(300)) {
    const answer = await fetch(url).catch(() => undefined);
    const json = (await answer?.json().catch(() => ({}))) as Json | undefined;
    if (answer?.ok && json !== undefined && enough(json)) return json;
  }
  throw new Error(`${url} gave no answer in time`);
}

import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { VesaliusError } from '@vesalius/errors';
import type { BrowserContext, Page } from 'playwright-core';
import { ohifFolder, serveOhif } from '../../tests/conformance/ohif-app.ts';
import { PASSWORD } from '../../tests/e2e/open-workbench.ts';
import type { StartedServer } from '../../tests/server/started-server.ts';
import { openChromium } from '../browser/open-chromium.ts';
import { median } from '../peers/alternate.ts';

interface Work {
  readonly server: StartedServer;
  readonly token: string;
  readonly study: string;
  readonly rounds: number;
  readonly log: (line: string) => void;
}

interface Seen {
  readonly firstImageMs: number;
  /** Of all processes of the browser, shared pages in parts, once everything is loaded. */
  readonly memoryMb: number;
  readonly heapMb: number;
}

const VIEWPORT = { width: 1280, height: 720 };
const SHOWN_MS = 120_000;
const QUIET_MS = 4000;

/** The study's address opened in a page that was on the work list before, by turns in both viewers, each in a browser of its own. */
export async function besideOhif({ server, token, study, rounds, log }: Work) {
  const app = await serveOhif(await ohifFolder(), { url: server.url, token });
  const origin = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  const [ours, ohif]: [Seen[], Seen[]] = [[], []];
  try {
    for (let i = 0; i < rounds; i++) {
      ours.push(await seen(server.url, `/study/${study}`, 'section canvas', (context) => signIn(context, server)));
      ohif.push(await seen(origin, `/viewer?StudyInstanceUIDs=${study}`, '.cornerstone-canvas'));
      log(`ours ${JSON.stringify(ours.at(-1))}, OHIF ${JSON.stringify(ohif.at(-1))}`);
    }
  } finally {
    app.close();
    app.closeAllConnections();
  }
  const medians = (all: readonly Seen[]) => ({
    firstImageMs: median(all.map((one) => one.firstImageMs)),
    memoryMb: median(all.map((one) => one.memoryMb)),
    heapMb: median(all.map((one) => one.heapMb)),
  });
  const [own, other] = [medians(ours), medians(ohif)];
  const ratio = (a: number, b: number) => Math.round((1000 * a) / b) / 1000;
  return {
    figure: {
      addressToImageMs: own.firstImageMs,
      memoryMb: own.memoryMb,
      heapMb: own.heapMb,
      firstImageRatio: ratio(own.firstImageMs, other.firstImageMs),
      memoryRatio: ratio(own.memoryMb, other.memoryMb),
    },
    peer: other,
  };
}

async function seen(
  origin: string,
  path: string,
  canvases: string,
  prepare?: (context: BrowserContext) => Promise<void>,
): Promise<Seen> {
  const browser = await openChromium();
  try {
    const context = await browser.newContext({ viewport: VIEWPORT });
    await prepare?.(context);
    const page = await context.newPage();
    await page.goto(origin);
    await page.waitForLoadState('networkidle');
    await page.addInitScript(WATCH, canvases);
    await page.goto(origin + path);
    const shown = await page.waitForFunction(() => (globalThis as { firstPicture?: number }).firstPicture, undefined, {
      timeout: SHOWN_MS,
    });
    const firstImageMs = Math.round((await shown.jsonValue()) as number);
    await untilQuiet(page);
    const session = await context.newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    await session.send('Performance.enable');
    const { metrics } = await session.send('Performance.getMetrics');
    const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
    return { firstImageMs, memoryMb: memoryOfBrowser(), heapMb: Math.round(heap / 1e6) };
  } finally {
    await browser.close();
  }
}

/** Runs in the page: when a canvas first shows a picture, that is some greys. */
const WATCH = (canvases: string): void => {
  const probe = new OffscreenCanvas(24, 24);
  const context = probe.getContext('2d', { willReadFrequently: true });
  const isPicture = (canvas: HTMLCanvasElement): boolean => {
    if (!context || canvas.width < 64) return false;
    context.clearRect(0, 0, 24, 24);
    context.drawImage(canvas, 0, 0, 24, 24);
    const { data } = context.getImageData(0, 0, 24, 24);
    return new Set(data.filter((_, i) => i % 4 === 0)).size > 6;
  };
  const look = () => {
    if ([...document.querySelectorAll<HTMLCanvasElement>(canvases)].some(isPicture))
      Object.assign(globalThis, { firstPicture: performance.now() });
    else setTimeout(look, 20);
  };
  look();
};

/** Until no answer has come for some seconds: all slices are here. */
async function untilQuiet(page: Page): Promise<void> {
  let last = Date.now();
  page.on('response', () => {
    last = Date.now();
  });
  for (const end = Date.now() + SHOWN_MS; Date.now() < end && Date.now() - last < QUIET_MS; )
    await page.waitForTimeout(200);
}

async function signIn(context: BrowserContext, { url, firstAdmin }: StartedServer): Promise<void> {
  const answer = await context.request.post(`${url}/api/sign-in`, {
    data: { name: firstAdmin?.name, password: PASSWORD },
    headers: { 'sec-fetch-site': 'same-origin' },
  });
  if (!answer.ok()) throw new VesaliusError('PEER_REFUSED', { what: 'sign-in', got: answer.status() });
}

/** Of all of Chromium that this process started, in MB. */
function memoryOfBrowser(): number {
  let bytes = 0;
  for (const pid of below(process.pid)) {
    try {
      if (!/chrom/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) continue;
      const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
      bytes += 1024 * Number(pss?.[1] ?? 0);
    } catch {
      // It ended meanwhile.
    }
  }
  return Math.round(bytes / 1e6);
}

function below(pid: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return children.flatMap((child) => [Number(child), ...below(Number(child))]);
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return -1;
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { faultsInBrowser } from '../annotation-faults/in-browser.ts';
import { killServers } from '../server/started-server.ts';

let browser: Browser | undefined;
let folder = '';

afterAll(async () => {
  await browser?.close();
  killServers();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test.skipIf(!findChromium())(
  'whatever goes wrong while somebody draws, he is told and nothing is lost',
  async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesalius-faults-'));
    browser = await openChromium();
    const checks = await faultsInBrowser(folder, browser);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  },
  180_000,
);

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { visitHostile } from '../clean/visit-hostile.ts';
import { killServers } from '../server/started-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-hostile-'));
afterAll(() => {
  killServers();
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(!findChromium())(
  'hostile text in scans, labels, reviews, models, file names is shown as text and does nothing',
  async () => {
    const browser = await openChromium();
    try {
      const { pages, ...found } = await visitHostile({ folder, browser, languages: ['zh'], axe: false });
      expect(pages).toBeGreaterThan(20);
      expect(found).toEqual({ violations: [], consoleErrors: [], executed: [], notShown: [], lax: [] });
    } finally {
      await browser.close();
    }
  },
  120_000,
);

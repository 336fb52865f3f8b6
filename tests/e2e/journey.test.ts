import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { travel } from '../journey/journey.ts';
import { killServers } from '../server/started-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-journey-'));
afterAll(() => {
  killServers();
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(!findChromium())(
  'a person goes from the first sign-in to the signed report of a study that a model of their own saw first',
  async () => {
    const browser = await openChromium();
    try {
      const { steps, problems } = await travel({ folder, browser, labelled: 4, trainingSteps: 30 });
      expect(steps.filter(({ ok }) => !ok)).toEqual([]);
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  480_000,
);

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { travel } from '../../tests/journey/journey.ts';
import { killServers } from '../../tests/server/started-server.ts';
import { ROOT } from '../../tools/root.ts';
import { openChromium } from '../browser/open-chromium.ts';
import type { Measure } from '../figure-result.ts';

const PICTURES = join(ROOT, 'bench', 'artefacts', 'journey');

/** The journey of `tests/journey`, with a training long enough to learn something; a picture of each step is kept. */
export const measure: Measure = async ({ quick, log }) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-c1-'));
  mkdirSync(PICTURES, { recursive: true });
  const browser = await openChromium();
  try {
    const size = quick ? { labelled: 4, trainingSteps: 40 } : { labelled: 6, trainingSteps: 250 };
    const { steps, problems, proposalDice, correctedDice } = await travel({
      ...{ folder, browser, ...size, pictures: PICTURES, log },
    });
    for (const problem of problems) log(`problem: ${problem}`);
    log(`pictures: ${PICTURES}`);
    const seconds = steps.reduce((sum, step) => sum + step.seconds, 0);
    return {
      figure: {
        steps: steps.length,
        stepsFailed: steps.filter(({ ok }) => !ok).length,
        consoleErrors: problems.length,
        seconds: Math.round(seconds),
        proposalDice: Math.round(1000 * proposalDice) / 1000,
        correctedDice: Math.round(1000 * correctedDice) / 1000,
      },
      peer: {},
    };
  } finally {
    await browser.close();
    killServers();
    rmSync(folder, { recursive: true, force: true });
  }
};

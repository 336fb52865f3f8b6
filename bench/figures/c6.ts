import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEXTS } from '../../tests/clean/hostile.ts';
import { visitHostile } from '../../tests/clean/visit-hostile.ts';
import { killServers } from '../../tests/server/started-server.ts';
import { openChromium } from '../browser/open-chromium.ts';
import type { Measure } from '../figure-result.ts';

/** Every page and dialog in both languages, with hostile text wherever another person may write, looked at by axe-core. */
export const measure: Measure = async ({ quick, log }) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-c6-'));
  const browser = await openChromium();
  try {
    const languages = quick ? (['en'] as const) : (['en', 'zh'] as const);
    const { pages, ...found } = await visitHostile({ folder, browser, languages, axe: true });
    for (const [kind, places] of Object.entries(found)) for (const place of places) log(`${kind}: ${place}`);
    return {
      figure: {
        pages,
        languages: languages.length,
        hostileTexts: Object.keys(TEXTS).length,
        textsNotShown: found.notShown.length,
        seriousViolations: found.violations.length,
        consoleErrors: found.consoleErrors.length,
        executed: found.executed.length,
        unsafeInline: found.lax.length,
      },
      peer: {},
    };
  } finally {
    await browser.close();
    killServers();
    rmSync(folder, { recursive: true, force: true });
  }
};

import { VesaliusError } from '@vesalius/errors';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../tools/find-program.ts';

/** Drawn by the processor, so that a machine without a graphics card shows the same; nothing is fetched behind the page. */
const FLAGS = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-sync',
  '--metrics-recording-only',
  '--no-first-run',
];

/** @throws DEPENDENCY_MISSING where no Chromium is installed */
export function openChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new VesaliusError('DEPENDENCY_MISSING', {
      what: 'Chromium',
      expected: 'one on PATH, or named in VESALIUS_CHROMIUM',
    });
  }
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A page in which `name` is defined; what it throws meanwhile is thrown here. */
export async function openPage(browser: Browser, url: string, name: string): Promise<Page> {
  const page = await browser.newPage();
  const broken = new Promise<never>((_, reject) => page.once('pageerror', reject));
  await page.goto(url);
  await Promise.race([page.waitForFunction((global) => global in globalThis, name), broken]);
  broken.catch(() => undefined);
  return page;
}

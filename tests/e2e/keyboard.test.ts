import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { storeScan } from '../server/annotators.ts';
import { personWith } from '../server/signed-in.ts';
import { killServers, startedServer } from '../server/started-server.ts';
import { openWorkbench, PASSWORD } from './open-workbench.ts';

const MOST_STOPS = 80;

const folder = mkdtempSync(join(tmpdir(), 'vesalius-keyboard-'));
let browser: Browser | undefined;
let page: Page;
const unseen: string[] = [];

beforeAll(async () => {
  if (!findChromium()) return;
  const server = await startedServer(folder, '--no-samples', '--log', 'error');
  browser = await openChromium();
  const { page: opened, token } = await openWorkbench(server, browser);
  page = opened;
  for (let i = 0; i < 2; i++) await storeScan(personWith(server.url, token), [16, 16, 8]);
  await page.context().clearCookies();
  await page.goto(server.url);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  killServers();
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(!findChromium())(
  'with keys alone: signed in, a study opened, the help read, a label map begun; the focus is always seen',
  async () => {
    await page.locator('input[name=name]').waitFor();
    await tabTo('input[name=name]');
    await page.keyboard.type('admin');
    await tabTo('input[name=password]');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('tbody a').first().waitFor();
    await tabTo('tbody button');
    await dialogKeepsKeys('tbody button');
    await page.keyboard.press('ArrowDown');
    expect(await holdsFocus('tbody tr:nth-child(2) a')).toBe(true);
    await page.keyboard.press('Enter');
    await page.locator('[data-shown]').first().waitFor();
    await tabTo('[role=toolbar] button:last-child');
    await dialogKeepsKeys('[role=toolbar] button:last-child');
    await tabTo('[role=tab]:nth-child(2)');
    await page.keyboard.press('Enter');
    await page.getByRole('radio').first().waitFor();
    await tabTo('aside [aria-pressed]');
    await page.keyboard.press('Enter');
    expect(await page.locator('aside [aria-pressed=true]').count()).toBeGreaterThan(0);
    for (let i = 0; i < MOST_STOPS && (await holdsFocus('aside *')); i++) await tab();
    expect([...new Set(unseen)]).toEqual([]);
  },
  60_000,
);

/** As often as it takes; each stop on the way must be seen. */
async function tabTo(selector: string): Promise<void> {
  for (let i = 0; i < MOST_STOPS; i++) {
    if (await holdsFocus(selector)) return;
    await tab();
  }
  expect.fail(`no way by Tab to ${selector}`);
}

const holdsFocus = (selector: string) =>
  page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);

async function tab(): Promise<void> {
  await page.keyboard.press('Tab');
  const stop = await page.evaluate(looksOfFocus);
  if (stop && !stop.isSeen) unseen.push(stop.html);
}

/** Opened from what has the focus: Tab does not leave it, and closing it gives the focus back. */
async function dialogKeepsKeys(opener: string): Promise<void> {
  await page.keyboard.press('Enter');
  await page.locator('dialog[open]').waitFor();
  for (let i = 0; i < 6; i++) {
    await tab();
    expect(await holdsFocus('dialog *, dialog, body')).toBe(true);
  }
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
  expect(await holdsFocus(opener)).toBe(true);
}

/** In the page: whether what has the focus, or what is around it, looks otherwise than without; the next Tab goes on from there. */
function looksOfFocus() {
  const focused = document.activeElement as HTMLElement | null;
  if (!focused || focused === document.body) return undefined;
  // Its day, month and year are stops of their own, and to leave it and come back would begin with the first again.
  if (focused.matches('input[type=date]')) return undefined;
  const looks = () => {
    const styles: string[] = [];
    for (let [at, up] = [focused as HTMLElement | null, 0]; at && up < 3; at = at.parentElement, up++) {
      const { outlineStyle, outlineWidth, outlineColor, borderTopColor, boxShadow } = getComputedStyle(at);
      styles.push(outlineStyle === 'none' ? '' : `${outlineWidth} ${outlineColor}`, borderTopColor, boxShadow);
    }
    return styles.join();
  };
  const before = looks();
  focused.blur();
  const isSeen = before !== looks();
  focused.focus({ preventScroll: true });
  return { isSeen, html: focused.outerHTML.slice(0, 160) };
}

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium, openPage } from '../../bench/browser/open-chromium.ts';
import { type Site, serveSite } from '../../bench/browser/serve-site.ts';
import { RUNTIME_CONTRACT } from '../../packages/engine/src/testing/runtime-contract.ts';
import { findChromium } from '../../tools/find-program.ts';

describe.skipIf(!findChromium())('WebAssembly in Chromium', () => {
  let site: Site;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    [site, browser] = await Promise.all([serveSite(`${import.meta.dirname}/runtime-contract`), openChromium()]);
    page = await openPage(browser, site.url, 'runCheck');
  });

  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  const ask = (call: string, ...values: unknown[]): Promise<unknown> =>
    page.evaluate(`${call}(${values.map((each) => JSON.stringify(each)).join()})`);

  for (const { name } of RUNTIME_CONTRACT) {
    test(name, async () => expect(await ask('runCheck', name, { backend: 'wasm', threads: 2 })).toBe(''));
  }

  test('the served page is isolated, so the runtime has the second thread it was asked for', () => {
    expect(page.workers()).toHaveLength(1);
  });

  test('a backend that the browser lacks is named', async () => {
    expect(await ask('tryBackend', 'webgpu')).toMatch(
      /^VesaliusError: BACKEND_MISSING: backend webgpu, got no adapter/,
    );
    for (const backend of ['cpu', 'cuda', 'tensorrt']) {
      expect(await ask('tryBackend', backend)).toMatch(
        `BACKEND_MISSING: backend ${backend}, got a browser, expected wasm, webgpu`,
      );
    }
  });
});

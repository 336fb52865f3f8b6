import { PERMISSIONS } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { multipart } from '../conformance/dicomweb-client.ts';

/** Of the first user, once the page is open. */
export const PASSWORD = 'a long enough password';
/** Files of one STOW request. */
const AT_ONCE = 20;

interface FreshServer {
  readonly url: string;
  readonly firstAdmin?: { readonly name: string; readonly oneTimePassword: string };
}

export interface OpenedWorkbench {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Of an API token that may do everything. */
  readonly token: string;
}

/** A page on a server that starts for the first time, signed in. */
export async function openWorkbench(server: FreshServer, browser: Browser): Promise<OpenedWorkbench> {
  const { name = '', oneTimePassword = '' } = server.firstAdmin ?? {};
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  await page.goto(server.url);
  const ask = async ([path = '', method = '', body = '']: string[]) =>
    (await fetch(path, { method, body, headers: { 'content-type': 'application/json' } })).text();
  await page.evaluate(ask, ['/api/sign-in', 'POST', JSON.stringify({ name, password: oneTimePassword })]);
  const change = JSON.stringify({ old: oneTimePassword, new: PASSWORD });
  await page.evaluate(ask, ['/api/me/password', 'PUT', change]);
  await page.evaluate(ask, ['/api/sign-in', 'POST', JSON.stringify({ name, password: PASSWORD })]);
  const wanted = JSON.stringify({ name: 'viewer', permissions: PERMISSIONS, days: 1 });
  const made = JSON.parse(await page.evaluate(ask, ['/api/tokens', 'POST', wanted])) as { token?: string };
  return { context, page, token: made.token ?? '' };
}

/** Stores DICOM files over STOW-RS. @throws PEER_REFUSED */
export async function storeFiles(url: string, token: string, files: readonly Uint8Array[]): Promise<void> {
  for (let from = 0; from < files.length; from += AT_ONCE) {
    const { headers, ...request } = multipart(files.slice(from, from + AT_ONCE));
    const answer = await fetch(`${url}/dicom-web/studies`, {
      ...request,
      headers: { ...headers, authorization: `Bearer ${token}` },
    });
    if (!answer.ok) throw new VesaliusError('PEER_REFUSED', { what: 'STOW', got: answer.status });
  }
}

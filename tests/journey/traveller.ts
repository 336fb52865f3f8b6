import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { AnnotationAnswer } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Person } from '../server/signed-in.ts';
import type { StartedServer } from '../server/started-server.ts';
import type { Phantom } from './phantoms.ts';

export const OWN_PASSWORD = 'a long enough password';
const PATIENCE_MS = 30_000;
const VIEWPORT = { width: 1400, height: 900 };

/** What went wrong in a page without a person being told. */
export function listenForProblems(page: Page, problems: string[]): void {
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('pageerror', ({ message }) => problems.push(message));
  page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
  page.on('response', (answer) => {
    if (answer.status() >= 400) problems.push(`${answer.status()} ${answer.request().method()} ${answer.url()}`);
  });
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // What a page no longer wants when it is left.
    if (why !== 'net::ERR_ABORTED') problems.push(`${why} ${request.method()} ${request.url()}`);
  });
}

export async function newPage(browser: Browser, problems: string[]): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  const page = await context.newPage();
  listenForProblems(page, problems);
  return { context, page };
}

/** The first sign-in of somebody, with the password that somebody else gave. */
export async function signInFirst(page: Page, { url }: StartedServer, name: string, oneTime: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(oneTime);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('New password').fill(OWN_PASSWORD);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** From the work list into a study. */
export async function openStudy(page: Page, { patient }: Phantom): Promise<void> {
  await page.getByRole('link', { name: 'Studies' }).click();
  await page
    .getByRole('link', { name: patient.replace('^', ' '), exact: false })
    .or(page.getByRole('link', { name: patient }))
    .first()
    .click();
  await page.getByRole('application', { name: /^Axial/ }).waitFor();
  await page.locator('[data-shown]').first().waitFor();
}

export async function openAnnotate(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Annotate' }).click();
  await page.getByText('Label maps of this series').waitFor();
}

/** A line with the left button over the axial view, by shares of its picture's side from the middle. */
export async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const at = await placeOnAxial(page);
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 6 });
  await page.mouse.up();
}

/** Through slices of the axial view: downwards where positive. */
export async function stepAxial(page: Page, by: number): Promise<void> {
  await page.getByRole('application', { name: /^Axial/ }).focus();
  for (let i = 0; i < Math.abs(by); i++) await page.keyboard.press(by > 0 ? 'ArrowDown' : 'ArrowUp');
}

export async function placeOnAxial(page: Page): Promise<(share: readonly [number, number]) => [number, number]> {
  const box = await page.getByRole('application', { name: /^Axial/ }).boundingBox();
  if (!box) throw new VesaliusError('RUNTIME_FAILED', { what: 'the axial view', got: 'not in sight' });
  const side = Math.min(box.width, box.height);
  return ([x, y]) => [box.x + box.width / 2 + x * side, box.y + box.height / 2 + y * side];
}

/** After a change: until the server has it. */
export async function saved(page: Page): Promise<void> {
  await page.getByText('Saved.').waitFor({ state: 'detached' });
  await page.getByText('Saved.').waitFor();
}

/** After what perhaps changed nothing. */
export async function savedIfChanged(page: Page): Promise<void> {
  const changed = page.getByText('Saved.').waitFor({ state: 'detached', timeout: 1000 });
  await changed.catch(() => undefined);
  await page.getByText('Saved.').waitFor();
}

/** Hands in a label map that is known, as any program could. */
export async function labelByProgram(person: Person, phantom: Phantom, like: AnnotationAnswer): Promise<void> {
  const draft = (await person.json('/api/annotations', { series: phantom.series })) as AnnotationAnswer;
  const form = new FormData();
  form.append('content', JSON.stringify({ segments: like.segments }));
  form.append('mask', new Blob([gzipSync(phantom.lesion)], { type: 'application/gzip' }));
  const headers = { 'if-match': `"${draft.revision}"` };
  const answer = await person.ask(`/api/annotations/${draft.id}/mask`, { method: 'PUT', headers, body: form });
  if (!answer.ok) throw new VesaliusError('PEER_REFUSED', { what: 'label map', got: await answer.text() });
  await person.json(`/api/annotations/${draft.id}/submission`, {});
}

export const dice = (a: Uint8Array, b: Uint8Array): number => {
  let [both, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [one, other] = [a[i] !== 0, b[i] !== 0];
    if (one && other) both++;
    sum += Number(one) + Number(other);
  }
  return sum === 0 ? 1 : (2 * both) / sum;
};

export const pictureAt = (folder: string, number: number, name: string): string =>
  join(folder, `${String(number).padStart(2, '0')}-${name.replace(/[^a-z0-9]+/gi, '-')}.png`);

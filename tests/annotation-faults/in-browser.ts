import { gunzipSync } from 'node:zlib';
import type { AnnotationAnswer } from '@vesalius/api';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { openWorkbench, PASSWORD } from '../e2e/open-workbench.ts';
import { newAnnotator, readDraft, type Size, saveDraft, storeScan } from '../server/annotators.ts';
import { type Person, personWith } from '../server/signed-in.ts';
import { type StartedServer, startedServer } from '../server/started-server.ts';

/** One thing that a person sees when something goes wrong. */
export interface FaultCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail?: string;
}

const SIZE: Size = [32, 32, 12];
const PATIENCE_MS = 20_000;

/**
 * What a person at the page sees of other pages, of a lost network, of a server that is gone, of a session that ended and of a save that came
 * between: the steps of one afternoon, each with what has to hold after it.
 */
export async function faultsInBrowser(folder: string, browser: Browser): Promise<readonly FaultCheck[]> {
  const server = await startedServer(folder, '--no-samples', '--log', 'error');
  const { page, token, context } = await openWorkbench(server, browser);
  page.setDefaultTimeout(PATIENCE_MS);
  const admin = personWith(server.url, token);
  const series = await storeScan(admin, SIZE);
  const checks: FaultCheck[] = [];
  const afternoon: Afternoon = { server, browser, context, page, admin, series };
  for (const [name, step] of STEPS) {
    try {
      await step(afternoon);
      checks.push({ name, ok: true });
    } catch (error) {
      checks.push({ name, ok: false, detail: String(error).slice(0, 600) });
    }
  }
  await context.close();
  await afternoon.server.stop();
  return checks;
}

interface Afternoon {
  server: StartedServer;
  readonly browser: Browser;
  readonly context: BrowserContext;
  page: Page;
  readonly admin: Person;
  readonly series: string;
}

type Step = (afternoon: Afternoon) => Promise<void>;

const STEPS: readonly (readonly [name: string, step: Step])[] = [
  ['a stroke is saved', firstStroke],
  ['a second page is told at once, takes over, and gives back when it closes', secondPage],
  ['another person on the study is told and seen, and seen no more when gone', otherPerson],
  ['without network strokes go on, and are sent when it is back', lostNetwork],
  ['what is drawn when the server is gone outlives the page', serverGone],
  ['who is signed out signs in over the page and loses nothing', signedOut],
  ['a refusal on the way is said, not asked for again and again, and cured by asking once more', refused],
  ['a save that came between is named; the own one is kept as a new draft', saveBetween],
];

async function firstStroke({ page, server, admin }: Afternoon): Promise<void> {
  await openPanel(page, server);
  await stroke(page, 0.3);
  await page.getByText('Saved.').waitFor();
  demand((await voxelsOf(admin)) > 0, 'nothing was saved');
}

async function secondPage({ context, page, server, admin }: Afternoon): Promise<void> {
  const second = await context.newPage();
  second.setDefaultTimeout(PATIENCE_MS);
  await openPanel(second, server, 'Edit here');
  await second.getByText('Another page of yours has this label map open since').waitFor();
  await page.getByText('Another page of yours has this label map open since').waitFor();
  demand((await brush(second).count()) === 0, 'both pages edit');
  await second.getByRole('button', { name: 'Edit here' }).click();
  await brush(second).waitFor();
  await page.bringToFront();
  await page.getByRole('button', { name: 'Edit here' }).waitFor();
  await second.bringToFront();
  const before = await voxelsOf(admin);
  await stroke(second, 0.5);
  await second.getByText('Saved.').waitFor();
  demand((await voxelsOf(admin)) > before, 'the page that took over did not save');
  await second.close();
  await brush(page).waitFor();
  await page.getByText('Another page of yours').waitFor({ state: 'detached' });
}

async function otherPerson({ server, page, admin, series }: Afternoon): Promise<void> {
  const ben = await newAnnotator(admin, server.url, 'ben');
  const { id } = (await ben.json('/api/annotations', { series })) as AnnotationAnswer;
  const tell = async (act?: string) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ tab: 'b', ...(act && { act }) });
    return (await ben.ask(`/api/annotations/${id}/presence`, { method: 'PUT', headers, body })).json();
  };
  const { others } = (await tell()) as { others: { name: string; since: string }[] };
  demand(others[0]?.name === 'admin' && others[0].since !== '', `ben is told of ${JSON.stringify(others)}`);
  await page.getByText('ben is on this series since').waitFor();
  await tell('leave');
  await page.getByText('ben is on this series since').waitFor({ state: 'detached' });
}

async function lostNetwork({ context, page, admin }: Afternoon): Promise<void> {
  const before = await voxelsOf(admin);
  await context.setOffline(true);
  await stroke(page, 0.6);
  await page.getByText('No connection to the server.').waitFor();
  await page.getByText('Not sent yet').waitFor();
  await stroke(page, 0.7);
  demand((await voxelsOf(admin)) === before, 'it was sent without a network');
  await context.setOffline(false);
  await page.getByText('No connection to the server.').waitFor({ state: 'hidden' });
  await page.getByText('Saved.').waitFor();
  demand((await voxelsOf(admin)) > before, 'the strokes are lost');
}

async function serverGone(afternoon: Afternoon): Promise<void> {
  const { server, page, context, admin } = afternoon;
  const { id } = await newestDraft(admin);
  const { port } = new URL(server.url);
  await server.kill();
  await stroke(page, 0.4, 0.6);
  await page.getByText('No connection to the server.').waitFor();
  await page.getByText('Not sent yet').waitFor();
  await page.waitForTimeout(1500);
  const kept = await keptMask(page, id);
  await page.close();
  afternoon.server = await startedServer(folderOf(server), '--log', 'error', '--port', port);
  afternoon.page = await context.newPage();
  afternoon.page.setDefaultTimeout(PATIENCE_MS);
  // What was kept this short ago could be on its way from another page.
  await afternoon.page.waitForTimeout(3000);
  await afternoon.page.goto(server.url);
  await afternoon.page.getByText('Drawn here and not sent yet').waitFor();
  await openPanel(afternoon.page, afternoon.server);
  await afternoon.page.getByText('and not sent is here again').waitFor();
  await afternoon.page.getByText('Saved.').waitFor();
  demand(Buffer.compare(await readDraft(admin, id), kept) === 0, 'other voxels than those that were kept');
}

async function signedOut({ context, page, admin }: Afternoon): Promise<void> {
  const before = await voxelsOf(admin);
  await context.clearCookies();
  await stroke(page, 0.3, 0.4);
  await page.getByText('You are signed out.').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('admin');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).last().click();
  await page.getByText('Saved.').waitFor();
  demand((await voxelsOf(admin)) > before, 'the strokes are lost');
}

/** As a proxy before the server does it. */
async function refused({ page, admin }: Afternoon): Promise<void> {
  const before = await voxelsOf(admin);
  let asked = 0;
  await page.route('**/mask', async (route) => {
    asked++;
    await route.fulfill({ status: 413, body: '<h1>Request Entity Too Large</h1>' });
  });
  await stroke(page, 0.6, 0.4);
  await page.getByText('The server did not take it').waitFor();
  await page.waitForTimeout(4000);
  demand(asked === 1, `asked ${asked} times`);
  await page.unroute('**/mask');
  await page.getByRole('button', { name: 'Save again' }).click();
  await page.getByText('Saved.').waitFor();
  demand((await voxelsOf(admin)) > before, 'the strokes are lost');
}

async function saveBetween({ page, admin }: Afternoon): Promise<void> {
  const { id, revision } = await newestDraft(admin);
  const theirs = new Uint8Array(SIZE[0] * SIZE[1] * SIZE[2]).fill(1, 0, 50);
  const saveFirst = async (route: Route) => {
    await saveDraft(admin, { id, revision }, theirs);
    await route.continue();
  };
  await page.route('**/mask', saveFirst, { times: 1 });
  await stroke(page, 0.5, 0.7);
  const dialog = page.getByRole('alert').filter({ hasText: 'Keep mine' });
  await dialog.getByText(/admin saved it at /).waitFor();
  await dialog.getByRole('button', { name: 'Keep mine as a new draft' }).click();
  await page.getByText('Saved.').waitFor();
  const second = await newestDraft(admin);
  demand(second.id !== id && second.number === 2 && (second.voxels['1'] ?? 0) > 50, 'there is no new draft');
  demand(Buffer.compare(await readDraft(admin, id), theirs) === 0, 'theirs is not what it was');
}

async function openPanel(page: Page, { url }: StartedServer, button = 'Hand in'): Promise<void> {
  await page.goto(url);
  await page.locator('table a').first().click();
  await page.getByRole('application').first().waitFor();
  await page.getByRole('tab', { name: 'Annotate' }).click();
  await page.getByRole('button', { name: button }).waitFor();
}

const brush = (page: Page) => page.getByRole('button', { name: 'Brush', exact: true });

/** A short line with the brush, by shares of the first view. */
async function stroke(page: Page, x: number, y = 0.5): Promise<void> {
  if ((await brush(page).getAttribute('aria-pressed')) !== 'true') await brush(page).click();
  const box = await page.getByRole('application').first().boundingBox();
  const at = (share: number) => (box?.x ?? 0) + share * (box?.width ?? 0);
  const height = (box?.y ?? 0) + y * (box?.height ?? 0);
  await page.mouse.move(at(x), height);
  await page.mouse.down();
  await page.mouse.move(at(x + 0.05), height, { steps: 4 });
  await page.mouse.up();
  await page.getByText('Saved.').waitFor({ state: 'detached' });
}

/** What the browser keeps of a draft, unpacked. */
async function keptMask(page: Page, annotation: string): Promise<Buffer> {
  const bytes = await page.evaluate(
    (id) =>
      new Promise<number[]>((resolve, reject) => {
        const opening = indexedDB.open('vesalius', 1);
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const request = opening.result.transaction('drafts').objectStore('drafts').get(id);
          request.onerror = () => reject(request.error);
          request.onsuccess = () => resolve([...((request.result?.gzip ?? []) as Uint8Array)]);
        };
      }),
    annotation,
  );
  return gunzipSync(Uint8Array.from(bytes));
}

async function newestDraft(person: Person): Promise<AnnotationAnswer> {
  const all = (await person.json('/api/annotations')) as AnnotationAnswer[];
  const own = all.find(({ annotator }) => annotator.name === 'admin');
  if (!own) throw new TypeError('there is no draft');
  return own;
}

const voxelsOf = async (person: Person): Promise<number> => (await newestDraft(person)).voxels['1'] ?? 0;

/** Its data lie in `data` there. */
const folderOf = ({ dataFolder }: StartedServer): string => dataFolder.replace(/\/data$/, '');

function demand(holds: boolean, words: string): void {
  if (!holds) throw new TypeError(words);
}

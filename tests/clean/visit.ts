import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { PASSWORD } from '../e2e/open-workbench.ts';
import { type Planted, TEXTS } from './hostile.ts';

export interface Findings {
  readonly pages: number;
  /** Of axe-core, serious and critical: page, rule, the first place. */
  readonly violations: readonly string[];
  readonly consoleErrors: readonly string[];
  /** What hostile text did: ran, opened a dialog, was stopped by the policy alone, asked another server. */
  readonly executed: readonly string[];
  /** Where hostile text should stand as text and does not. */
  readonly notShown: readonly string[];
  /** Pages whose policy lets markup bring code or styles of its own. */
  readonly lax: readonly string[];
}

export interface Visit {
  readonly browser: Browser;
  readonly url: string;
  readonly name: string;
  readonly planted: Planted;
  readonly language: 'en' | 'zh';
  /** Whether axe-core looks at each page, which takes most of the time. */
  readonly axe: boolean;
}

interface Tour extends Visit {
  readonly page: Page;
  /** Looks at the page as it is now. */
  look(name: string): Promise<void>;
  /** Waits until the text stands there as text. */
  reads(text: string): Promise<void>;
}

/** Goes through every page and dialog as a person could, with hostile text in all that others can write. */
export async function visitAll(visit: Visit): Promise<Findings> {
  const { browser, url, language, axe: looks } = visit;
  const [violations, consoleErrors, executed]: [string[], string[], string[]] = [[], [], []];
  const [notShown, lax]: [string[], string[]] = [[], []];
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  await context.exposeFunction('hostileRan', (what: unknown) => executed.push(`ran ${what}`));
  await context.exposeFunction('policyBroken', (what: string) => executed.push(`only the policy stopped ${what}`));
  await context.addInitScript((chosen) => {
    if (origin === 'null') return;
    localStorage.setItem('vesalius-language', chosen);
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
      (globalThis as unknown as { policyBroken(what: string): void }).policyBroken(
        `${violatedDirective} ${blockedURI} ${sourceFile}`,
      ),
    );
  }, language);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  let provoked = /^$/;
  page.on('console', (line) => {
    if (line.type() === 'error' && !provoked.test(line.text())) consoleErrors.push(`${page.url()}: ${line.text()}`);
  });
  page.on('response', (answer) => {
    if (answer.request().resourceType() !== 'document') return;
    const policy = answer.headers()['content-security-policy'] ?? '';
    // A file of a model may bring styles, in a sandbox that runs nothing and has no origin.
    const isStrict = policy.startsWith("sandbox; default-src 'none'") || /default-src|script-src/.test(policy);
    if (!isStrict || (!policy.startsWith('sandbox;') && /'unsafe-(inline|eval)'/.test(policy))) lax.push(answer.url());
  });
  page.on('pageerror', ({ message }) => consoleErrors.push(message));
  page.on('dialog', (dialog) => {
    executed.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^https?:$/.test(protocol) && origin !== new URL(url).origin) executed.push(`asked ${origin}`);
  });
  let pages = 0;
  const look = async (name: string) => {
    pages++;
    if (looks) violations.push(...(await seriousViolations(page)).map((each) => `${name} (${language}): ${each}`));
  };
  const reads = async (text: string) => {
    const found = page.getByText(text, { exact: false }).or(page.locator(`input[value=${JSON.stringify(text)}]`));
    await found
      .first()
      .waitFor({ state: 'attached' })
      .catch(() => notShown.push(`${page.url()}: ${text}`));
  };
  for (const stop of STOPS) {
    provoked = PROVOKED[stop.name] ?? /^$/;
    await stop({ ...visit, page, look, reads }).catch((error: Error) =>
      notShown.push(`${stop.name}: ${error.message}`),
    );
  }
  await context.close();
  return { pages, violations, consoleErrors, executed, notShown, lax };
}

/** By axe-core's rules of WCAG 2. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run({ resultTypes: ["violations"] })')) as {
    violations: { id: string; impact: string; help: string; nodes: { html: string }[] }[];
  };
  const serious = found.violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  return serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html.slice(0, 160)}`);
}

const STOPS: readonly ((tour: Tour) => Promise<void>)[] = [
  signIn,
  worklist,
  importing,
  study,
  annotating,
  reviewing,
  signedOut,
  models,
  files,
  graph,
  trainings,
  administration,
  nowhere,
  firstSignIn,
];

/** A browser writes down each refusal; these are provoked here. */
const PROVOKED: Readonly<Record<string, RegExp>> = {
  signIn: /status of 401/,
  signedOut: /status of 401/,
  importing: /status of 4\d\d/,
  files: /sandboxed|Content Security Policy/,
  nowhere: /status of 40[04]/,
};

async function signIn({ page, url, name, look }: Tour): Promise<void> {
  await page.goto(url);
  await page.locator('input[name=name]').waitFor();
  await look('sign-in');
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill('a wrong guess');
  await page.locator('button[type=submit]').click();
  await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
  await look('sign-in refused');
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.locator('button[type=submit]').click();
  await page.locator('table').waitFor();
}

async function worklist({ page, look, reads }: Tour): Promise<void> {
  for (const text of [TEXTS.patientName, TEXTS.patientId, TEXTS.studyDescription]) await reads(text);
  await look('work list');
  await page.locator('header summary').click();
  await look('jobs');
  await page.locator('header summary').click();
  await page.getByRole('row').last().getByRole('button').last().click();
  await page.getByRole('dialog').waitFor();
  await look('work list, removal asked');
  await page.getByRole('dialog').getByRole('button').first().click();
}

async function importing({ page, planted, look, reads }: Tour): Promise<void> {
  await page.locator('input[type=file]').nth(1).setInputFiles(planted.importFolder);
  await reads(TEXTS.fileName);
  await page.waitForLoadState('networkidle');
  await look('import refused');
}

async function study({ page, url, planted, axe, look, reads }: Tour): Promise<void> {
  await page.goto(`${url}/study/${planted.study}`);
  await page.locator('[data-shown]').first().waitFor();
  for (const overlay of await page.getByRole('checkbox').all()) await overlay.click();
  for (const text of [TEXTS.segment, TEXTS.seriesDescription, TEXTS.patientName]) await reads(text);
  await look('viewer');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await look('keys');
  await page.keyboard.press('Escape');
  if (!axe) return;
  await page.getByRole('combobox').nth(2).selectOption('fourViews');
  await page
    .locator('[data-three-d=shown]')
    .waitFor({ timeout: 30_000 })
    .catch(() => undefined);
  await look('viewer, 3-D');
}

async function annotating({ page, url, planted, look, reads }: Tour): Promise<void> {
  await page.goto(`${url}/study/${planted.study}?panel=annotate`);
  await page.locator('[data-shown]').first().waitFor();
  await page.getByRole('radio').first().waitFor();
  await reads(TEXTS.className);
  await look('annotate');
}

async function reviewing({ page, look, reads }: Tour): Promise<void> {
  for (const details of await page.locator('aside details:visible').all()) await details.locator('summary').click();
  await reads(TEXTS.comment);
  await look('annotate, history');
}

/** The sign-in over the page, when a session ends in the midst of drawing. */
async function signedOut({ page, name, language, look }: Tour): Promise<void> {
  await page.locator('aside [aria-pressed]').first().click();
  await page.context().clearCookies();
  const box = await page.getByRole('application').first().boundingBox();
  // Where the visit in the other language has not drawn: a stroke that changes nothing is not saved.
  const aside = language === 'zh' ? 0.35 : 0.5;
  const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) * aside, (box?.y ?? 0) + (box?.height ?? 0) / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 20, y, { steps: 4 });
  await page.mouse.up();
  const dialog = page.locator('dialog[open]');
  await dialog.waitFor();
  await look('signed out while drawing');
  await dialog.locator('input[name=name]').fill(name);
  await dialog.locator('input[name=password]').fill(PASSWORD);
  await dialog.locator('button[type=submit]').click();
  await dialog.waitFor({ state: 'detached' });
}

async function models({ page, url, planted, look, reads }: Tour): Promise<void> {
  await page.goto(`${url}/models`);
  await reads(TEXTS.modelName);
  await look('models');
  await page.goto(`${url}/models/${planted.model}`);
  for (const text of [TEXTS.modelName, TEXTS.modelClass, TEXTS.card]) await reads(text);
  await look('model');
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click();
    const others = page.locator('select:has(option:text-is("–"))');
    if ((await others.count()) > 0) await others.selectOption({ index: 1 });
    await page.waitForTimeout(300);
    await look(`model, ${await tab.textContent()}`);
  }
}

/** What a model brings is no page of this server: it may hold markup, but no code of it runs and no picture shows it. */
async function files({ page, url, planted, reads }: Tour): Promise<void> {
  const folder = `${url}/api/models/${planted.model}/files/docs`;
  await page.goto(`${folder}/page.html`);
  await reads('a page of a model');
  const vector = await page.request.get(`${folder}/picture.svg`);
  if (/svg|xml|html/.test(vector.headers()['content-type'] ?? '')) throw new TypeError('an SVG of a model is shown');
}

async function graph({ page, url, planted, look, reads }: Tour): Promise<void> {
  await page.goto(`${url}/graph`);
  await look('model graph, empty');
  const file = { name: `${TEXTS.node}.onnx`, mimeType: 'application/octet-stream', buffer: planted.onnx };
  await page.locator('input[type=file]').first().setInputFiles(file);
  await page.locator('canvas').waitFor();
  await reads(TEXTS.producer);
  await page.getByRole('searchbox').fill('Relu');
  await page.getByRole('button', { name: /Relu/ }).first().click();
  await reads(TEXTS.input);
  await look('model graph');
}

async function trainings({ page, url, planted, look }: Tour): Promise<void> {
  await page.goto(`${url}/train`);
  await page.getByRole('button', { expanded: false }).first().click();
  await page.locator('form').waitFor();
  await look('trainings, new one');
  await page.goto(`${url}/train/${planted.training}`);
  await page.getByRole('heading', { name: 'hostile' }).waitFor();
  await page.waitForTimeout(1000);
  await look('training');
  await page.locator('details:has(label) summary').first().click();
  await page.locator('details label input').first().click();
  await page.waitForTimeout(300);
  await look('trainings compared');
}

async function administration({ page, url, look }: Tour): Promise<void> {
  for (const [path, ready] of [
    ['tokens', 'form'],
    ['users', 'tbody tr'],
    ['audit', 'tbody tr'],
  ] as const) {
    await page.goto(`${url}/${path}`);
    await page.locator(ready).first().waitFor();
    await look(path);
  }
}

async function nowhere({ page, url, look }: Tour): Promise<void> {
  for (const kind of ['models', 'train', 'study']) {
    await page.goto(`${url}/${kind}/none`);
    await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
    await look(`none of ${kind}`);
  }
}

async function firstSignIn({ page, url, planted, look }: Tour): Promise<void> {
  await page.context().clearCookies();
  await page.goto(url);
  await page.locator('input[name=name]').fill('newcomer');
  await page.locator('input[name=password]').fill(planted.newcomer.oneTimePassword);
  await page.locator('button[type=submit]').click();
  await page.locator('input[name=new]').waitFor();
  await look('an own password');
}

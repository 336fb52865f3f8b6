import { PORTABLE } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { Page } from 'playwright-core';
import { openChromium, openPage } from '../browser/open-chromium.ts';
import { serveSite } from '../browser/serve-site.ts';
import { runTraining, type TrainingRun, type TrainingRunOptions } from '../browser/training-run.ts';
import type { FigureOptions, Measure } from '../figure-result.ts';

/**
 * A rate at which rounding is not amplified. At 0.05, the rate of speed case (a), two graphs of the same step on one
 * processor already part by 9e-4 within 50 steps, so that no comparison of runtimes could be as fine as the goal.
 */
const LEARNING_RATE = 0.01;

/**
 * One training in Node and in Chromium from the same bytes: graph, first weights and batches; network and loss of speed
 * case (a). The error is that of the loss of any step against Node's portable graph, the largest of all runtimes. WebGPU
 * counts where the browser offers it.
 */
export const measure: Measure = async ({ quick, log }) => {
  const steps = quick ? 10 : 50;
  const shared = { seed: 1, steps, learningRate: LEARNING_RATE, threads: 1 };
  const portable = { ...shared, target: PORTABLE };
  const node = await runTraining({ ...portable, backend: 'cpu' });
  report('Node, portable graph', node, log);
  const others = { lowered: await runTraining({ ...shared, backend: 'cpu' }), ...(await runInChromium(portable)) };
  const figure: Record<string, number> = { relativeError: 0, steps, 'stepsPerSecond.node': node.stepsPerSecond };
  for (const [name, run] of Object.entries(others)) {
    if (name !== 'lowered') assertSameBytes(name, node, run);
    const error = largestError(node.losses, run.losses);
    report(`${TITLES[name]}: losses within ${error.toExponential(1)}`, run, log);
    figure.relativeError = Math.max(figure.relativeError ?? 0, error);
    figure[`relativeError.${name}`] = error;
    figure[`stepsPerSecond.${name}`] = run.stepsPerSecond;
  }
  if (!('webgpu' in others)) log('Chromium, WebGPU: not offered');
  return { figure, peer: {} };
};

const TITLES: Record<string, string> = {
  lowered: 'Node, graph for this processor',
  wasm: 'Chromium, WebAssembly',
  webgpu: 'Chromium, WebGPU',
};

async function runInChromium(options: TrainingRunOptions): Promise<Record<string, TrainingRun>> {
  const site = await serveSite(`${import.meta.dirname}/../browser`);
  const browser = await openChromium();
  try {
    const page = await openPage(browser, `${site.url}measure.html`, 'runTraining');
    const runs: Record<string, TrainingRun> = { wasm: await runInPage(page, { ...options, backend: 'wasm' }) };
    if (await page.evaluate(OFFERS_WEBGPU)) runs.webgpu = await runInPage(page, { ...options, backend: 'webgpu' });
    return runs;
  } finally {
    await browser.close();
    await site.close();
  }
}

const OFFERS_WEBGPU = 'navigator.gpu?.requestAdapter().then((adapter) => adapter !== null) ?? false';

function runInPage(page: Page, options: TrainingRunOptions): Promise<TrainingRun> {
  return page.evaluate(`runTraining(${JSON.stringify(options)})`);
}

function assertSameBytes(name: string, { hashes: expected }: TrainingRun, { hashes: got }: TrainingRun): void {
  for (const what of ['graph', 'weights', 'batches'] as const) {
    if (got[what] === expected[what]) continue;
    throw new VesaliusError('HASH_MISMATCH', { what: `${what} on ${name}`, got: got[what], expected: expected[what] });
  }
}

function largestError(expected: readonly number[], got: readonly number[]): number {
  return Math.max(...expected.map((loss, i) => Math.abs((got[i] ?? Number.NaN) - loss) / Math.abs(loss)));
}

function report(title: string, { stepsPerSecond, losses }: TrainingRun, log: FigureOptions['log']): void {
  log(`${title}; loss ${losses[0]?.toFixed(6)} to ${losses.at(-1)?.toFixed(6)}, ${stepsPerSecond.toFixed(1)} steps/s`);
}

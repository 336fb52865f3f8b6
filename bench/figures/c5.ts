import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PERMISSIONS } from '@vesalius/api';
import { Random } from '@vesalius/engine';
import { POSTGRES_PROGRAMS, startPostgres } from '../../packages/server/src/store/postgres-under-test.ts';
import { faultsInBrowser } from '../../tests/annotation-faults/in-browser.ts';
import { beginDrafts, killDuringSaves } from '../../tests/annotation-faults/kill-saves.ts';
import { manyAtOnce } from '../../tests/annotation-faults/many-annotators.ts';
import { newAnnotator, type Size, storeScan } from '../../tests/server/annotators.ts';
import { firstDay, type Person } from '../../tests/server/signed-in.ts';
import { startedServer } from '../../tests/server/started-server.ts';
import { openChromium } from '../browser/open-chromium.ts';
import type { FigureOptions, Measure } from '../figure-result.ts';

const ANNOTATORS = 20;
const SCANS = 4;
const SIZE: Size = [96, 96, 48];

/**
 * Annotators at work at once, kill -9 of the real server while drafts are saved, on SQLite and on PostgreSQL, and what a person at the page sees
 * of other pages, a lost network and a server that is gone.
 */
export const measure: Measure = async (options) => {
  const { quick, log } = options;
  const many = await inFolder((folder) => twentyAtOnce(folder, options));
  const sqlite = await inFolder((folder) => killAll(folder, quick ? 5 : 20, options));
  const postgres = POSTGRES_PROGRAMS ? await onPostgres(options) : undefined;
  if (!postgres) log('skipped PostgreSQL: not installed');
  const pages = await inFolder((folder) => inBrowser(folder, options));
  const kills = [sqlite, ...(postgres ? [postgres] : [])];
  const sumOf = (kind: keyof typeof sqlite) => kills.reduce((sum, each) => sum + each[kind], 0);
  return {
    figure: {
      annotators: ANNOTATORS,
      saves: many.saves,
      saveMedianMs: many.medianMs,
      saveP95Ms: many.p95Ms,
      conflictsPlanted: many.conflicts,
      kills: sumOf('kills'),
      killsOnPostgres: postgres?.kills ?? 0,
      savesBeforeKills: sumOf('saves'),
      savesCutOff: sumOf('cutOff'),
      halfSaved: sumOf('halfSaved'),
      leftovers: sqlite.leftovers,
      pageSteps: pages.steps,
      failed: many.wrong.length + sumOf('halfSaved') + sqlite.leftovers + pages.failed,
      lostDrafts: many.lost.length + sumOf('lost'),
    },
    peer: {},
  };
};

async function twentyAtOnce(folder: string, { quick, log }: FigureOptions) {
  const server = await startedServer(folder, '--no-samples', '--log', 'error');
  const admin = await firstDay({ ...server, permissions: PERMISSIONS });
  const series: string[] = [];
  for (let i = 0; i < SCANS; i++) series.push(await storeScan(admin, SIZE));
  const annotators: Person[] = [];
  for (let i = 0; i < ANNOTATORS; i++) annotators.push(await newAnnotator(admin, server.url, `annotator-${i}`));
  const run = await manyAtOnce({ annotators, series, size: SIZE, seconds: quick ? 10 : 60 });
  for (const words of [...run.wrong, ...run.lost]) log(`FAILED ${words}`);
  log(`${run.saves} saves of ${ANNOTATORS} annotators: median ${run.medianMs} ms, p95 ${run.p95Ms} ms`);
  await server.stop();
  return run;
}

async function onPostgres(options: FigureOptions) {
  const postgres = await startPostgres();
  try {
    const database = await postgres.createDatabase();
    return await inFolder((folder) => {
      const settings = join(folder, 'settings.json');
      writeFileSync(settings, JSON.stringify({ database }));
      return killAll(folder, options.quick ? 2 : 10, { ...options, line: ['--settings', settings] });
    });
  } finally {
    postgres.stop();
  }
}

interface KillOptions extends FigureOptions {
  /** Further words of the command line. */
  readonly line?: readonly string[];
}

async function killAll(folder: string, count: number, { log, line = [] }: KillOptions) {
  const random = new Random(Date.now());
  const sums = { kills: 0, saves: 0, cutOff: 0, lost: 0, halfSaved: 0, leftovers: 0 };
  const drafts = await beginDrafts(folder, line);
  while (sums.kills < count) {
    const afterMs = Math.round(random.uniform(20, 1500));
    const run = await killDuringSaves(drafts, afterMs);
    sums.kills++;
    sums.saves += run.saves;
    sums.cutOff += drafts.ids.length - run.finished;
    sums.lost += run.lost.length;
    sums.halfSaved += run.halfSaved.length;
    sums.leftovers += run.leftovers;
    for (const words of [...run.lost, ...run.halfSaved]) log(`FAILED ${words}`);
    log(
      `kill ${sums.kills} after ${afterMs} ms: ${run.saves} saves acknowledged and there, ${run.leftovers} left over`,
    );
  }
  return sums;
}

async function inBrowser(folder: string, { log }: FigureOptions) {
  const browser = await openChromium();
  try {
    const checks = await faultsInBrowser(folder, browser);
    for (const { name, ok, detail = '' } of checks) log(`${ok ? 'ok    ' : 'FAILED'} ${name} ${detail}`);
    return { steps: checks.length, failed: checks.filter(({ ok }) => !ok).length };
  } finally {
    await browser.close();
  }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-c5-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

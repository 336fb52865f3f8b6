import type { Browser } from 'playwright-core';
import { openWorkbench } from '../e2e/open-workbench.ts';
import { startedServer } from '../server/started-server.ts';
import { plantHostile } from './hostile.ts';
import { type Findings, type Visit, visitAll } from './visit.ts';

interface HostileVisit {
  /** For the server's data. */
  readonly folder: string;
  readonly browser: Browser;
  readonly languages: readonly Visit['language'][];
  readonly axe: boolean;
}

/** A fresh server full of hostile text, all of its pages visited: what was found, in all languages together. */
export async function visitHostile({ folder, browser, languages, axe }: HostileVisit): Promise<Findings> {
  const server = await startedServer(folder, '--no-samples', '--log', 'error');
  const { token, context } = await openWorkbench(server, browser);
  const planted = await plantHostile({ url: server.url, token, folder });
  await context.close();
  const visits: Findings[] = [];
  const name = server.firstAdmin?.name ?? '';
  for (const language of languages)
    visits.push(await visitAll({ browser, url: server.url, name, planted, language, axe }));
  await server.stop();
  return {
    pages: visits.reduce((sum, { pages }) => sum + pages, 0),
    violations: visits.flatMap(({ violations }) => violations),
    consoleErrors: visits.flatMap(({ consoleErrors }) => consoleErrors),
    executed: [
      ...planted.escaped.map((file) => `outside of its folder: ${file}`),
      ...visits.flatMap(({ executed }) => executed),
    ],
    notShown: visits.flatMap(({ notShown }) => notShown),
    lax: visits.flatMap(({ lax }) => lax),
  };
}

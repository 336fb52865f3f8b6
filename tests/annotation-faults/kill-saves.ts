import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type AnnotationAnswer, PERMISSIONS } from '@vesalius/api';
import { newAnnotator, numberedMask, readDraft, type Size, saveDraft, storeScan } from '../server/annotators.ts';
import { firstDay, type Person, personWith } from '../server/signed-in.ts';
import { startedServer } from '../server/started-server.ts';
import { seedOf } from './many-annotators.ts';

/** A server's folder with drafts in the making. */
export interface KilledDrafts {
  readonly folder: string;
  /** Further words of the command line of `vesalius serve`. */
  readonly line: readonly string[];
  readonly tokens: readonly string[];
  readonly ids: readonly string[];
  /** The revision that each draft was acknowledged with last. */
  readonly acknowledged: number[];
}

export interface KilledSaves {
  /** Saves that were acknowledged before the end. */
  readonly saves: number;
  /** Saves that were under way and are there. */
  readonly finished: number;
  readonly lost: readonly string[];
  readonly halfSaved: readonly string[];
  /** Objects that no draft needs. */
  readonly leftovers: number;
}

const SIZE: Size = [96, 96, 48];
const AT_ONCE = 4;

/** The first start: some annotators, a scan, a draft of each. */
export async function beginDrafts(folder: string, line: readonly string[] = []): Promise<KilledDrafts> {
  const server = await startedServer(folder, '--no-samples', '--log', 'error', ...line);
  const admin = await firstDay({ ...server, permissions: PERMISSIONS });
  const series = await storeScan(admin, SIZE);
  const people: Person[] = [];
  for (let i = 0; i < AT_ONCE; i++) people.push(await newAnnotator(admin, server.url, `annotator-${i}`));
  const ids: string[] = [];
  for (const person of people) ids.push(((await person.json('/api/annotations', { series })) as AnnotationAnswer).id);
  await server.stop();
  return { folder, line, ids, tokens: people.map(({ token }) => token), acknowledged: ids.map(() => 0) };
}

/** Starts the server, saves all drafts over and over, kills it, starts it again and looks what is there. */
export async function killDuringSaves(drafts: KilledDrafts, afterMs: number): Promise<KilledSaves> {
  const { folder, line, tokens, ids, acknowledged } = drafts;
  const before = sumOf(acknowledged);
  const server = await startedServer(folder, '--log', 'error', ...line);
  const savings = tokens.map((token, i) => saveUntilGone(drafts, i, personWith(server.url, token)));
  await setTimeout(afterMs);
  await server.kill();
  await Promise.all(savings);
  const saves = sumOf(acknowledged) - before;
  const again = await startedServer(folder, '--log', 'error', ...line);
  const [lost, halfSaved]: [string[], string[]] = [[], []];
  for (const [i, token] of tokens.entries()) {
    const person = personWith(again.url, token);
    const { revision } = (await person.json(`/api/annotations/${ids[i]}`)) as AnnotationAnswer;
    const known = acknowledged[i] ?? 0;
    if (revision < known) lost.push(`draft ${i}: revision ${revision} after ${known}`);
    else if (revision > known + 1 || !(await isWhole(person, i, { id: ids[i] ?? '', revision })))
      halfSaved.push(`draft ${i}: revision ${revision} after ${known}`);
    acknowledged[i] = revision;
  }
  await again.stop();
  return {
    saves,
    finished: sumOf(acknowledged) - before - saves,
    lost,
    halfSaved,
    leftovers: await leftoversOf(drafts),
  };
}

async function saveUntilGone({ ids, acknowledged }: KilledDrafts, i: number, person: Person): Promise<void> {
  for (;;) {
    const revision = acknowledged[i] ?? 0;
    const mask = numberedMask(seedOf(i, revision + 1), SIZE);
    try {
      const saved = await saveDraft(person, { id: ids[i] ?? '', revision }, mask);
      if (saved.ok) acknowledged[i] = ((await saved.json()) as AnnotationAnswer).revision;
    } catch {
      return;
    }
  }
}

async function isWhole(
  person: Person,
  i: number,
  { id, revision }: { id: string; revision: number },
): Promise<boolean> {
  const mask = await readDraft(person, id);
  const expected = revision === 0 ? new Uint8Array(mask.length) : numberedMask(seedOf(i, revision), SIZE);
  return Buffer.compare(mask, expected) === 0;
}

/** After a start each draft has one object, and nothing is on its way in. */
async function leftoversOf({ folder, ids, acknowledged }: KilledDrafts): Promise<number> {
  const objects = join(folder, 'data', 'objects');
  const list = (path: string) => readdir(join(objects, path)).catch((): string[] => []);
  let left = (await list('incoming')).length;
  for (const [i, id] of ids.entries()) {
    const needed = (acknowledged[i] ?? 0) > 0 ? 1 : 0;
    left += (await list(`annotations/${id}`)).length - needed;
  }
  return left;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

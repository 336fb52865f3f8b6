import { setTimeout } from 'node:timers/promises';
import type { AnnotationAnswer } from '@vesalius/api';
import { numberedBall, readDraft, type Size, saveDraft } from '../server/annotators.ts';
import type { Person } from '../server/signed-in.ts';

export interface ManyRun {
  readonly saves: number;
  /** Of the times that saves took, 95 of 100 are below. */
  readonly p95Ms: number;
  readonly medianMs: number;
  /** Saves over a revision that was no longer the newest. */
  readonly conflicts: number;
  /** What was not as it has to be, in words. */
  readonly wrong: readonly string[];
  /** Drafts that are not what was acknowledged last. */
  readonly lost: readonly string[];
}

interface ManyOptions {
  readonly annotators: readonly Person[];
  /** Each annotator works on one, several on each. */
  readonly series: readonly string[];
  readonly size: Size;
  readonly seconds: number;
}

const EVERY_MS = 1000;
const CONFLICT_EVERY = 5;

/** Annotators at work at once: each saves the draft every second, and now and then another page of his saves over an old revision. */
export async function manyAtOnce({ annotators, series, size, seconds }: ManyOptions): Promise<ManyRun> {
  const times: number[] = [];
  const wrong: string[] = [];
  const lost: string[] = [];
  let conflicts = 0;
  const work = async (person: Person, number: number) => {
    const { id } = (await person.json('/api/annotations', {
      series: series[number % series.length],
    })) as AnnotationAnswer;
    const first = (number / annotators.length) * EVERY_MS;
    await setTimeout(first);
    let revision = 0;
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      const begun = performance.now();
      const saved = await saveDraft(person, { id, revision }, numberedBall(seedOf(number, revision + 1), size));
      times.push(performance.now() - begun);
      if (saved.status !== 200) wrong.push(`save of annotator ${number}: ${saved.status} ${await saved.text()}`);
      else revision = ((await saved.json()) as AnnotationAnswer).revision;
      if (revision > 0 && revision % CONFLICT_EVERY === 0) {
        conflicts++;
        const late = await saveDraft(person, { id, revision: revision - 1 }, numberedBall(0, size));
        const told = await late.text();
        if (late.status !== 412 || late.headers.get('etag') !== `"${revision}"` || !/ was saved at .* by /.test(told))
          wrong.push(`conflict of annotator ${number}: ${late.status} ${told}`);
      }
      await setTimeout(Math.max(0, begun + EVERY_MS - performance.now()));
    }
    const kept = await readDraft(person, id);
    if (revision === 0 || Buffer.compare(kept, numberedBall(seedOf(number, revision), size)) !== 0)
      lost.push(`annotator ${number}, revision ${revision}`);
  };
  await Promise.all(annotators.map(work));
  times.sort((a, b) => a - b);
  const share = (part: number) => Math.round(times[Math.floor(part * (times.length - 1))] ?? 0);
  return { saves: times.length, p95Ms: share(0.95), medianMs: share(0.5), conflicts, wrong, lost };
}

/** Of an annotator's save: no two are alike. */
export const seedOf = (annotator: number, revision: number): number => annotator * 100_003 + revision;

import type { LineProcess } from './line-process.ts';

/** Milliseconds of a piece of work: of the whole process, and by the clock. */
export interface Times {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** One thread is measured by CPU time, which other work on the machine disturbs least; more threads by the clock. */
export type Clock = keyof Times;
export const clockOf = (threads: number): Clock => (threads === 1 ? 'cpuMs' : 'wallMs');

export interface AlternateOptions {
  readonly ours: LineProcess;
  readonly theirs: LineProcess;
  readonly request: { readonly do: string; readonly [name: string]: unknown };
  readonly rounds: number;
  readonly clock: Clock;
}

export interface Alternation {
  readonly oursMs: number;
  readonly theirsMs: number;
  /** Of our time by theirs, over the rounds; milliseconds are medians too. */
  readonly ratio: { readonly min: number; readonly median: number; readonly max: number };
}

/** Asks both sides in turn, never at once, and changes who goes first from round to round. */
export async function alternate({ ours, theirs, request, rounds, clock }: AlternateOptions): Promise<Alternation> {
  const pairs: { ours: number; theirs: number }[] = [];
  const time = async (side: LineProcess): Promise<number> => (await side.ask<Times>(request))[clock];
  for (let round = 0; round < rounds; round++) {
    const before = round % 2 === 1 ? await time(theirs) : undefined;
    const mine = await time(ours);
    pairs.push({ ours: mine, theirs: before ?? (await time(theirs)) });
  }
  const ratios = pairs.map((pair) => pair.ours / pair.theirs);
  return {
    oursMs: median(pairs.map((pair) => pair.ours)),
    theirsMs: median(pairs.map((pair) => pair.theirs)),
    ratio: { min: Math.min(...ratios), median: median(ratios), max: Math.max(...ratios) },
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}

import type { CaseScores } from './training-report.ts';

/** The best, the median and the worst case by mean Dice: what a reader should see, not what looks good. */
export function pickCases(cases: readonly CaseScores[]): { caption: string; scores: CaseScores }[] {
  const ranked = cases.filter(({ meanDice }) => Number.isFinite(meanDice)).toSorted((a, b) => b.meanDice - a.meanDice);
  const places = [
    ['Best case', 0],
    ['Median case', Math.floor((ranked.length - 1) / 2)],
    ['Worst case', ranked.length - 1],
  ] as const;
  const seen = new Set<number>();
  return places.flatMap(([caption, place]) => {
    const scores = ranked[place];
    if (!scores || seen.has(place)) return [];
    seen.add(place);
    return [{ caption, scores }];
  });
}

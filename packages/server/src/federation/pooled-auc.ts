interface ScoreCounts {
  readonly negatives?: readonly number[];
  readonly positives?: readonly number[];
}

const DEVIATIONS = 1.96;

/**
 * The area under the ROC curve of all sites' images together, by how many of each class scored in which bin, with a 95 % interval; images of one bin
 * count as ties.
 *
 * @returns nothing without images of both classes
 * @source Hanley and McNeil 1982, for the interval
 */
export function pooledAuc(
  counts: readonly ScoreCounts[],
): { readonly auc: number; readonly interval: [number, number] } | undefined {
  const bins = Math.max(0, ...counts.map(({ negatives = [] }) => negatives.length));
  const sum = (key: keyof ScoreCounts, bin: number) => counts.reduce((all, each) => all + (each[key]?.[bin] ?? 0), 0);
  let [won, negatives, positives] = [0, 0, 0];
  for (let bin = 0; bin < bins; bin++) {
    const [n, p] = [sum('negatives', bin), sum('positives', bin)];
    won += p * (negatives + n / 2);
    negatives += n;
    positives += p;
  }
  if (negatives === 0 || positives === 0) return undefined;
  const auc = won / (negatives * positives);
  const square = auc * auc;
  const [both, other] = [auc / (2 - auc) - square, (2 * square) / (1 + auc) - square];
  const variance = (auc * (1 - auc) + (positives - 1) * both + (negatives - 1) * other) / (negatives * positives);
  const reach = DEVIATIONS * Math.sqrt(Math.max(0, variance));
  return { auc, interval: [Math.max(0, auc - reach), Math.min(1, auc + reach)] };
}

/**
 * The mean over the classes of each case, then over cases; NaN (a class or case without an answer) is left out.
 *
 * NaN when nothing is left, where the original says 0.
 *
 * @param perCase - one list of class values a case, as the segmentation metrics return them
 * @parity monai.metrics.do_metric_reduction
 */
export function meanOverCases(perCase: readonly (readonly number[])[]): number {
  return meanOfNumbers(perCase.map(meanOfNumbers));
}

/** The mean over cases for each class; NaN is left out, and what is left of nothing is NaN. */
export function meanOfEachClass(perCase: readonly (readonly number[])[]): number[] {
  return (perCase[0] ?? []).map((_, index) => meanOfNumbers(perCase.map((classes) => classes[index] as number)));
}

/** The mean of what is a number; NaN when nothing is. */
export function meanOfNumbers(values: Iterable<number>): number {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}

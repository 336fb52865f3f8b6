/** Lower quartile, median and upper quartile, in proportion between two values; NaN without values. */
export function quartiles(values: readonly number[]): [low: number, median: number, high: number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const lower = sorted[Math.floor(place)] ?? Number.NaN;
    return lower + ((sorted[Math.ceil(place)] ?? lower) - lower) * (place % 1);
  };
  return [at(0.25), at(0.5), at(0.75)];
}

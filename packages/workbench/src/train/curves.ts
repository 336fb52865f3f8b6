import type { ScalarSeries } from '@vesalius/api';

export type Across = 'step' | 'time';

/** Curves over common places, as a chart takes them: the places first, then each curve with gaps as null. */
export type Table = [number[], ...(number | null)[][]];

/**
 * Exponential mean of a curve that does not lag at its beginning.
 *
 * @param weight - of what came before, 0 (as it is) to 0.99
 */
export function smoothed(values: readonly number[], weight: number): number[] {
  let [mean, share] = [0, 0];
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    mean = mean * weight + value * (1 - weight);
    share = share * weight + (1 - weight);
    return mean / share;
  });
}

/** Joins curves, by step or by minutes since each began. Where one has two values at a place, the later stands. */
export function joined(curves: readonly ScalarSeries[], across: Across, weight: number): Table {
  const placed = curves.map(({ points }) => {
    const begin = Date.parse(points[0]?.at ?? '');
    const values = smoothed(
      points.map(({ value }) => value),
      weight,
    );
    return new Map(
      points.map(({ step, at }, i) => [
        across === 'step' ? step : (Date.parse(at) - begin) / 60_000,
        values[i] ?? null,
      ]),
    );
  });
  const places = [...new Set(placed.flatMap((curve) => [...curve.keys()]))].sort((a, b) => a - b);
  return [places, ...placed.map((curve) => places.map((place) => finite(curve.get(place))))];
}

function finite(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isFinite(value) ? value : null;
}

/** Names of all curves, those of validation and loss first: what one looks at. */
export function tagsOf(runs: readonly (readonly ScalarSeries[])[]): string[] {
  const tags = new Set(runs.flatMap((run) => run.map(({ tag }) => tag)));
  const rank = (tag: string): number =>
    /valid/.test(tag) ? 0 : /loss/.test(tag) ? 1 : /dice/.test(tag) ? 2 : /resources/.test(tag) ? 4 : 3;
  return [...tags].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

import type { HistogramBucket } from './run-event.ts';

/**
 * Counts values into buckets of equal width between the smallest and the largest. Values that are not finite are left
 * out.
 *
 * Without values every bucket is zero; when all are equal the last bucket holds them and all edges are that value.
 * @parity tensorboard.plugins.histogram.summary_v2.histogram_pb(buckets=30)
 */
export function histogramBuckets(values: ArrayLike<number>, bucketCount = 30): HistogramBucket[] {
  const [smallest, largest] = finiteRange(values);
  const width = (largest - smallest) / bucketCount;
  const counts = new Float64Array(bucketCount);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    const bucket = width === 0 ? bucketCount - 1 : Math.min(Math.floor((value - smallest) / width), bucketCount - 1);
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  const edge = (i: number) => (i === bucketCount ? largest : smallest + i * width);
  return Array.from(counts, (count, i) => ({ left: edge(i), right: edge(i + 1), count }));
}

function finiteRange(values: ArrayLike<number>): [number, number] {
  let smallest = Number.POSITIVE_INFINITY;
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
  }
  return smallest > largest ? [0, 0] : [smallest, largest];
}

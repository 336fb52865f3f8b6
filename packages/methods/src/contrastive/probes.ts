/** Features of images and what they show: 0 or 1. */
export interface LabelledFeatures {
  readonly rows: readonly Float32Array[];
  readonly labels: Uint8Array;
}

/** The rows of `[N, width]`. */
export function featureRows(features: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: features.length / width }, (_, i) => features.subarray(i * width, (i + 1) * width));
}

/**
 * Score of class 1 by the nearest neighbours, each weighed by its likeness.
 *
 * @source Wu et al. 2018, Unsupervised feature learning via non-parametric instance discrimination
 */
export function kNearest(
  known: LabelledFeatures,
  asked: readonly Float32Array[],
  { k = 20, temperature = 0.07 } = {},
): Float32Array {
  const kept = known.rows.map(unit);
  return Float32Array.from(asked, (row) => {
    const own = unit(row);
    const likeness = kept.map((other, i) => [dot(own, other), known.labels[i] as number] as const);
    const nearest = likeness.sort(([a], [b]) => b - a).slice(0, k);
    const weights = nearest.map(([cosine, label]) => [Math.exp((cosine - 1) / temperature), label] as const);
    const sum = weights.reduce((total, [weight]) => total + weight, 0);
    return weights.reduce((total, [weight, label]) => total + weight * label, 0) / sum;
  });
}

/** Probability of class 1 by a logistic regression on standardised features, both classes weighing the same. */
export function linearProbe(
  known: LabelledFeatures,
  asked: readonly Float32Array[],
  { decay = 1e-2, steps = 300 } = {},
): Float32Array {
  const scale = scaleOf(known.rows);
  const rows = known.rows.map(scale);
  const width = rows[0]?.length ?? 0;
  const ones = known.labels.reduce((sum, label) => sum + label, 0);
  const weightOf = (label: number): number => 0.5 / Math.max(1, label === 1 ? ones : rows.length - ones);
  const [weights, speed] = [new Float64Array(width + 1), new Float64Array(width + 1)];
  const rate = 4 / (width + 1);
  for (let step = 0; step < steps; step++) {
    const slope = weights.map((w, i) => (i < width ? decay * w : 0));
    for (const [n, row] of rows.entries()) {
      const label = known.labels[n] as number;
      const error = weightOf(label) * (probability(weights, row) - label);
      for (let i = 0; i < width; i++) slope[i] = (slope[i] as number) + error * (row[i] as number);
      slope[width] = (slope[width] as number) + error;
    }
    for (let i = 0; i <= width; i++) {
      speed[i] = 0.9 * (speed[i] as number) - rate * (slope[i] as number);
      weights[i] = (weights[i] as number) + (speed[i] as number);
    }
  }
  return Float32Array.from(asked, (row) => probability(weights, scale(row)));
}

function probability(weights: Float64Array, row: Float32Array): number {
  let sum = weights[row.length] as number;
  for (let i = 0; i < row.length; i++) sum += (weights[i] as number) * (row[i] as number);
  return 1 / (1 + Math.exp(-sum));
}

function scaleOf(rows: readonly Float32Array[]): (row: Float32Array) => Float32Array {
  const width = rows[0]?.length ?? 0;
  const mean = Float64Array.from(
    { length: width },
    (_, i) => rows.reduce((sum, row) => sum + (row[i] as number), 0) / rows.length,
  );
  const deviation = mean.map((m, i) =>
    Math.sqrt(Math.max(1e-8, rows.reduce((sum, row) => sum + ((row[i] as number) - m) ** 2, 0) / rows.length)),
  );
  return (row) => row.map((value, i) => (value - (mean[i] as number)) / (deviation[i] as number));
}

function unit(row: Float32Array): Float32Array {
  const length = Math.sqrt(Math.max(1e-12, dot(row, row)));
  return row.map((value) => value / length);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

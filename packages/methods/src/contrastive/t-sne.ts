import { Random } from '@vesalius/engine';

export interface TSneOptions {
  /** About how many neighbours a point has, 20 by default. */
  readonly perplexity?: number;
  /** 400 by default. */
  readonly steps?: number;
  readonly seed?: number;
}

const EXAGGERATION = 8;
const EARLY = 100;

/**
 * Points in the plane whose neighbours are those of the rows. Time and memory go with the square of the rows: for a few thousand at most.
 *
 * @param rows - `[N, D]`
 * @returns `[N, 2]`, centred
 * @source van der Maaten and Hinton 2008, Visualizing data using t-SNE
 */
export function tSne(
  rows: readonly Float32Array[],
  { perplexity = 20, steps = 400, seed = 0 }: TSneOptions = {},
): Float32Array {
  const n = rows.length;
  const wanted = likeness(rows, Math.min(perplexity, Math.max(1, (n - 1) / 3)));
  const points = new Random(seed).fillNormal(new Float32Array(2 * n), 0, 1e-2);
  const speed = new Float32Array(2 * n);
  const rate = Math.max(20, n / EXAGGERATION);
  for (let step = 0; step < steps; step++) {
    const slope = slopeAt(points, wanted, step < EARLY ? EXAGGERATION : 1);
    const momentum = step < EARLY ? 0.5 : 0.8;
    for (let i = 0; i < 2 * n; i++) {
      speed[i] = momentum * (speed[i] as number) - rate * (slope[i] as number);
      points[i] = (points[i] as number) + (speed[i] as number);
    }
  }
  return centred(points);
}

/** Joint probabilities `[N, N]`, each row's width found by bisection so that it has the wanted perplexity. */
function likeness(rows: readonly Float32Array[], perplexity: number): Float32Array {
  const n = rows.length;
  const joint = new Float32Array(n * n);
  for (const [i, row] of rows.entries()) {
    const squares = rows.map((other) => squaredDistance(row, other));
    const given = rowOf(squares, i, Math.log(perplexity));
    for (let j = 0; j < n; j++) {
      joint[i * n + j] = (joint[i * n + j] as number) + (given[j] as number) / (2 * n);
      joint[j * n + i] = (joint[j * n + i] as number) + (given[j] as number) / (2 * n);
    }
  }
  return joint;
}

function rowOf(squares: readonly number[], own: number, entropy: number): Float64Array {
  const nearest = Math.min(...squares.filter((_, j) => j !== own));
  let [low, high, beta] = [0, Infinity, 1];
  let row = new Float64Array(squares.length);
  for (let turn = 0; turn < 60; turn++) {
    row = Float64Array.from(squares, (square, j) => (j === own ? 0 : Math.exp(-beta * (square - nearest))));
    const sum = row.reduce((a, b) => a + b, 0);
    const found = Math.log(sum) + (beta * row.reduce((a, p, j) => a + p * ((squares[j] as number) - nearest), 0)) / sum;
    row = row.map((p) => p / sum);
    if (Math.abs(found - entropy) < 1e-4) break;
    if (found > entropy) low = beta;
    else high = beta;
    beta = high === Infinity ? 2 * beta : (low + high) / 2;
  }
  return row;
}

function slopeAt(points: Float32Array, wanted: Float32Array, exaggeration: number): Float32Array {
  const n = points.length / 2;
  const near = new Float32Array(n * n);
  let sum = 1e-12;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const [dx, dy] = between(points, i, j);
      const value = 1 / (1 + dx * dx + dy * dy);
      near[i * n + j] = value;
      sum += 2 * value;
    }
  const slope = new Float32Array(2 * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const value = near[i * n + j] as number;
      const force = 4 * (exaggeration * (wanted[i * n + j] as number) - value / sum) * value;
      for (const [axis, d] of between(points, i, j).entries()) {
        slope[2 * i + axis] = (slope[2 * i + axis] as number) + force * d;
        slope[2 * j + axis] = (slope[2 * j + axis] as number) - force * d;
      }
    }
  return slope;
}

const between = (points: Float32Array, i: number, j: number): [number, number] => [
  (points[2 * i] as number) - (points[2 * j] as number),
  (points[2 * i + 1] as number) - (points[2 * j + 1] as number),
];

function centred(points: Float32Array): Float32Array {
  const n = points.length / 2;
  const mean = [0, 1].map((axis) => points.reduce((sum, value, i) => (i % 2 === axis ? sum + value / n : sum), 0));
  return points.map((value, i) => value - (mean[i % 2] as number));
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum;
}

import { VesaliusError } from '@vesalius/errors';

export interface NeighbourOptions {
  /** Values of one feature vector. */
  readonly width: number;
  readonly numClasses: number;
  /** Neighbours that vote, 20 by default. */
  readonly k?: number;
  /** A vote weighs exp(cosine / temperature); 0.07 by default. */
  readonly temperature?: number;
}

/**
 * Classifies by the most alike of labelled feature vectors: what is asked of features before anything is trained on them.
 *
 * @param known - `[N, width]` with a label each
 * @param asked - `[M, width]`
 * @returns shares of the votes `[M, numClasses]`
 * @throws SHAPE_MISMATCH
 * @source Wu et al. 2018, Unsupervised feature learning via non-parametric instance discrimination
 */
export function classifyByNeighbours(
  known: { readonly features: Float32Array; readonly labels: ArrayLike<number> },
  asked: Float32Array,
  { width, numClasses, k = 20, temperature = 0.07 }: NeighbourOptions,
): Float32Array {
  if (known.features.length !== known.labels.length * width || asked.length % width !== 0)
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'features',
      got: [known.features.length, asked.length],
      expected: `rows of ${width}, ${known.labels.length} of them known`,
    });
  const [own, others] = [unitRows(known.features, width), unitRows(asked, width)];
  const count = others.length / width;
  const votes = new Float32Array(count * numClasses);
  for (let n = 0; n < count; n++) {
    const row = others.subarray(n * width, (n + 1) * width);
    const nearest = mostAlike(own, row, Math.min(k, known.labels.length));
    const heaviest = nearest[0]?.likeness ?? 0;
    let sum = 0;
    for (const { at, likeness } of nearest) {
      const weight = Math.exp((likeness - heaviest) / temperature);
      const place = n * numClasses + (known.labels[at] as number);
      votes[place] = (votes[place] as number) + weight;
      sum += weight;
    }
    for (let c = 0; c < numClasses; c++) votes[n * numClasses + c] = (votes[n * numClasses + c] as number) / sum;
  }
  return votes;
}

function unitRows(values: Float32Array, width: number): Float32Array {
  const unit = values.slice();
  for (let from = 0; from < unit.length; from += width) {
    let squares = 0;
    for (let i = from; i < from + width; i++) squares += (unit[i] as number) ** 2;
    const norm = Math.sqrt(squares) || 1;
    for (let i = from; i < from + width; i++) unit[i] = (unit[i] as number) / norm;
  }
  return unit;
}

function mostAlike(rows: Float32Array, asked: Float32Array, k: number): { at: number; likeness: number }[] {
  const width = asked.length;
  const all = Array.from({ length: rows.length / width }, (_, at) => {
    let likeness = 0;
    for (let i = 0; i < width; i++) likeness += (rows[at * width + i] as number) * (asked[i] as number);
    return { at, likeness };
  });
  return all.toSorted((a, b) => b.likeness - a.likeness || a.at - b.at).slice(0, k);
}

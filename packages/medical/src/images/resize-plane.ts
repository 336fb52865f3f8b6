/** How a plane of values is brought to another size. */
export interface ResizePlane {
  /** Height and width. */
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly kernel: 'linear' | 'cubic';
  /** Widens the kernel where the plane shrinks, so that every value counts. */
  readonly antialias: boolean;
}

/**
 * Values `[height, width]` at another size, pixels taken as areas (their centres at halves) and edges repeated.
 *
 * @source Keys 1981, Cubic convolution interpolation
 * @parity torchvision.transforms.functional.resize
 */
export function resizePlane(values: Float32Array, options: ResizePlane): Float32Array {
  const { from, to } = options;
  const [rows, columns] = [0, 1].map((axis) => tapsOf(from[axis] as number, to[axis] as number, options)) as [
    Taps[],
    Taps[],
  ];
  const narrowed = new Float32Array(from[0] * to[1]);
  for (let y = 0; y < from[0]; y++)
    for (const [x, { first, weights }] of columns.entries()) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++)
        sum += (weights[k] as number) * (values[y * from[1] + first + k] as number);
      narrowed[y * to[1] + x] = sum;
    }
  const resized = new Float32Array(to[0] * to[1]);
  for (const [y, { first, weights }] of rows.entries())
    for (let x = 0; x < to[1]; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++)
        sum += (weights[k] as number) * (narrowed[(first + k) * to[1] + x] as number);
      resized[y * to[1] + x] = sum;
    }
  return resized;
}

/** Weights of the values from `first` on. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

function tapsOf(from: number, to: number, { kernel, antialias }: Pick<ResizePlane, 'kernel' | 'antialias'>): Taps[] {
  const scale = from / to;
  const stretch = antialias ? Math.max(1, scale) : 1;
  const reach = (kernel === 'cubic' ? 2 : 1) * stretch;
  // PyTorch's plain and antialiased kernels differ in this.
  const weigh = kernel === 'cubic' ? cubic(antialias ? -0.5 : -0.75) : linear;
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    const all = Array.from({ length: 2 * Math.ceil(reach) + 1 }, (_, k) => Math.floor(centre) - Math.ceil(reach) + k);
    const inside = (at: number): number => Math.min(from - 1, Math.max(0, at));
    const first = inside(all[0] as number);
    const weights = new Float64Array(inside(all.at(-1) as number) - first + 1);
    // Beyond the edge: the edge's value again, or with a widened kernel nothing.
    for (const at of all)
      if (!antialias || at === inside(at))
        weights[inside(at) - first] = (weights[inside(at) - first] as number) + weigh((at - centre) / stretch);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}

const linear = (x: number): number => Math.max(0, 1 - Math.abs(x));

const cubic =
  (a: number) =>
  (signed: number): number => {
    const x = Math.abs(signed);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  };

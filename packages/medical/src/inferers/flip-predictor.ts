import type { WindowPredictor } from './sliding-window-inferer.ts';

export interface MirrorOptions {
  /** d, h, w */
  readonly roiSize: readonly [number, number, number];
  /** Axes that are mirrored, of 0 (depth), 1 (height), 2 (width); every combination is predicted. */
  readonly axes: readonly number[];
}

/** Averages a network's answers over mirrored windows, each mirrored back: test-time augmentation. */
export function withFlips(predict: WindowPredictor, { roiSize, axes }: MirrorOptions): WindowPredictor {
  const combinations = axes.reduce<number[][]>((sets, axis) => sets.flatMap((set) => [set, [...set, axis]]), [[]]);
  return async (window) => {
    const sum = Float32Array.from(await predict(window));
    for (const flipped of combinations.slice(1)) {
      const answer = flip(await predict(flip(window, roiSize, flipped)), roiSize, flipped);
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (answer[i] as number);
    }
    return sum.map((value) => value / combinations.length);
  };
}

function flip(data: Float32Array, [d, h, w]: readonly [number, number, number], axes: readonly number[]): Float32Array {
  const result = new Float32Array(data.length);
  const place = (i: number, length: number, axis: number): number => (axes.includes(axis) ? length - 1 - i : i);
  for (let c = 0; c < data.length / (d * h * w); c++) {
    for (let z = 0; z < d; z++) {
      for (let y = 0; y < h; y++) {
        const to = ((c * d + z) * h + y) * w;
        const row = data.subarray(((c * d + place(z, d, 0)) * h + place(y, h, 1)) * w).subarray(0, w);
        if (axes.includes(2)) for (let x = 0; x < w; x++) result[to + x] = row[w - 1 - x] as number;
        else result.set(row, to);
      }
    }
  }
  return result;
}

import { setCubicTaps } from './b-spline.ts';

export type Interpolation = 'nearest' | 'linear' | 'cubic';

/** Which samples of a line make each output, with their weights: `perOutput` of both for each. */
export interface Taps {
  readonly perOutput: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
  /** First and one past the last output that lies on the line. */
  readonly inside: readonly [number, number];
  /** True when every output is the sample of its own number. */
  readonly isIdentity: boolean;
}

export interface Line {
  readonly samples: number;
  readonly outputs: number;
  /** The place of output i among the samples is `scale * i + offset`. */
  readonly scale: number;
  readonly offset: number;
}

// Places this near to a sample or an edge are taken as on it: affines carry rounding errors.
export const SNAP = 1e-6;

/** Nearest sample, linear weights or cubic B-spline weights; places beyond the ends are moved to the end. */
export function tapsOf({ samples, outputs, scale, offset }: Line, interpolation: Interpolation): Taps {
  const perOutput = { nearest: 1, linear: 2, cubic: 4 }[interpolation];
  const indices = new Int32Array(outputs * perOutput);
  const weights = new Float64Array(outputs * perOutput).fill(1);
  let [first, end] = [outputs, 0];
  for (let i = 0; i < outputs; i++) {
    const place = scale * i + offset;
    if (place >= -0.5 - SNAP && place <= samples - 0.5 + SNAP) {
      first = Math.min(first, i);
      end = i + 1;
    }
    const clamped = Math.min(Math.max(place, 0), samples - 1);
    setTaps(clamped, samples, { interpolation, indices, weights, at: i * perOutput });
  }
  const isIdentity = samples === outputs && Math.abs(offset) < SNAP && Math.abs((scale - 1) * samples) < SNAP;
  return { perOutput, indices, weights, inside: [Math.min(first, end), end], isIdentity };
}

interface Slot {
  readonly interpolation: Interpolation;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
  readonly at: number;
}

function setTaps(place: number, samples: number, { interpolation, indices, weights, at }: Slot): void {
  if (interpolation === 'cubic') {
    setCubicTaps({ indices, weights }, at, place, samples);
    return;
  }
  const before = Math.floor(interpolation === 'nearest' ? place + 0.5 + SNAP : place);
  indices[at] = Math.min(before, samples - 1);
  if (interpolation === 'nearest') return;
  indices[at + 1] = Math.min(before + 1, samples - 1);
  weights[at] = 1 - (place - before);
  weights[at + 1] = place - before;
}

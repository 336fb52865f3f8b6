import type { KeysOption, ProbabilityOption, Transform } from '../transform.ts';
import { alwaysIntensity, changeChannels, type IntensityOperation, randIntensity } from './intensity-operation.ts';
import { extent } from './statistics.ts';

export interface HistogramNormalizeOptions {
  /** Default: 256. */
  readonly numBins?: number;
  /** Default: 0. */
  readonly min?: number;
  /** Default: 255. */
  readonly max?: number;
}

export const HISTOGRAM_NORMALIZE: IntensityOperation<HistogramNormalizeOptions> = {
  name: 'HistogramNormalize',
  run(image, { numBins = 256, min = 0, max = 255 }) {
    return changeChannels(image, false, (data) => {
      const range = extent(data);
      const width = (range.max - range.min) / numBins || 1;
      const share = new Float64Array(numBins);
      for (let i = 0; i < data.length; i++) {
        const bin = Math.min(Math.floor(((data[i] as number) - range.min) / width), numBins - 1);
        share[bin] = (share[bin] as number) + 1;
      }
      for (let bin = 1; bin < numBins; bin++) share[bin] = (share[bin] as number) + (share[bin - 1] as number);
      const first = share[0] as number;
      const scale = (max - min) / (data.length - first || 1);
      const levels = share.map((count) => (count - first) * scale + min);
      const centers = share.map((_, bin) => range.min + (bin + 0.5) * width);
      mapPiecewise(data, centers, levels);
    });
  },
};

/**
 * Makes all intensities about equally frequent.
 *
 * @parity monai.transforms.HistogramNormalize(num_bins, min, max)
 */
export function histogramNormalize(options: HistogramNormalizeOptions & KeysOption = {}): Transform {
  return alwaysIntensity(HISTOGRAM_NORMALIZE, options);
}

/** Control points of a curve, both axes 0 to 1. */
interface Curve {
  readonly reference: readonly number[];
  readonly floating: readonly number[];
}

export const HISTOGRAM_SHIFT: IntensityOperation<Curve> = {
  name: 'HistogramShift',
  run(image, { reference, floating }) {
    return changeChannels(image, false, (data) => {
      const { min, max } = extent(data);
      const scaled = (points: readonly number[]) => Float64Array.from(points, (point) => point * (max - min) + min);
      if (min !== max) mapPiecewise(data, scaled(reference), scaled(floating));
    });
  },
};

export interface RandHistogramShiftOptions extends KeysOption, ProbabilityOption {
  /** At least 3; or a range to draw from. Default: 10. */
  readonly numControlPoints?: number | readonly [number, number];
}

/**
 * Bends the intensity scale along a random, rising, piecewise linear curve.
 *
 * @parity monai.transforms.RandHistogramShift(num_control_points)
 */
export function randHistogramShift(options: RandHistogramShiftOptions = {}): Transform {
  const { numControlPoints = 10 } = options;
  const [least, most] = typeof numControlPoints === 'number' ? [numControlPoints, numControlPoints] : numControlPoints;
  return randIntensity('RandHistogramShift', options, {
    operation: HISTOGRAM_SHIFT,
    draw(random) {
      const count = least + random.integer(most - least + 1);
      const reference = Array.from({ length: count }, (_, i) => i / (count - 1));
      const floating = [...reference];
      for (let i = 1; i < count - 1; i++) floating[i] = random.uniform(floating[i - 1], floating[i + 1]);
      return { reference, floating };
    },
  });
}

/** Linear between points of rising, even distance `from`; constant beyond both ends. */
function mapPiecewise(data: Float32Array, from: Float64Array, to: Float64Array): void {
  const start = from[0] as number;
  const last = from.length - 1;
  const perUnit = last / ((from[last] as number) - start);
  for (let i = 0; i < data.length; i++) {
    const at = Math.min(Math.max(((data[i] as number) - start) * perUnit, 0), last);
    const below = Math.min(at | 0, last - 1);
    const low = to[below] as number;
    data[i] = low + (at - below) * ((to[below + 1] as number) - low);
  }
}

import { type PerAxis, perAxis } from '../axis-values.ts';
import {
  findArray,
  type ImageArray,
  type ImageVoxels,
  type LabelVoxels,
  mapAxes,
  type Size,
  sizeOf,
} from '../sample.ts';
import type { Transform } from '../transform.ts';
import { cutBox } from './box.ts';
import { type PadOptions, paddingOf } from './pad.ts';

export interface CropForegroundOptions extends PadOptions {
  /** The image or label map that says where the foreground is. */
  readonly sourceKey: string;
  /** Values above it are foreground. Default: 0. */
  readonly threshold?: number;
  /** Voxels added on each side. Default: 0. */
  readonly margin?: PerAxis;
  /** Cuts the margin off at the image's edge instead of padding. Default: false. */
  readonly allowSmaller?: boolean;
  /** Rounds the size up to multiples. Default: 1. */
  readonly kDivisible?: PerAxis;
}

/**
 * Cuts out the smallest box that holds the foreground; a sample without any stays whole.
 *
 * @parity monai.transforms.CropForeground(margin, allow_smaller, k_divisible, mode)
 */
export function cropForeground(options: CropForegroundOptions): Transform {
  return {
    name: 'CropForeground',
    options,
    readsVoxels: true,
    decide(_random, { size }, sample) {
      const source = findArray(sample, options.sourceKey);
      const box = boundingBox(source, options.threshold ?? 0);
      if (!box) return null;
      const margin = perAxis(options.margin ?? 0, size, { what: 'margin', still: 0 });
      const k = perAxis(options.kDivisible ?? 1, size, { what: 'kDivisible', still: 1 });
      const limit = (value: number, axis: 0 | 1 | 2): number =>
        options.allowSmaller ? Math.min(Math.max(value, 0), size[axis]) : value;
      const start = mapAxes((axis) => limit(box.first[axis] - margin[axis], axis));
      const length = mapAxes((axis) => limit(box.last[axis] + margin[axis] + 1, axis) - start[axis]);
      const outputSize = mapAxes((axis) => Math.ceil(length[axis] / k[axis]) * k[axis]);
      const shifted = mapAxes((axis) => start[axis] - Math.floor((outputSize[axis] - length[axis]) / 2));
      return cutBox('CropForeground', size, { start: shifted, outputSize, padding: paddingOf(options) });
    },
  };
}

function boundingBox(
  source: ImageArray<ImageVoxels | LabelVoxels>,
  threshold: number,
): { first: Size; last: Size } | null {
  const [depth, height, width] = sizeOf(source);
  const first = [depth, height, width] as [number, number, number];
  const last: [number, number, number] = [-1, -1, -1];
  for (let i = 0; i < source.data.length; i++) {
    if (!((source.data[i] as number) > threshold)) continue;
    const at = [Math.floor(i / (height * width)) % depth, Math.floor(i / width) % height, i % width] as const;
    for (const axis of [0, 1, 2] as const) {
      first[axis] = Math.min(first[axis], at[axis]);
      last[axis] = Math.max(last[axis], at[axis]);
    }
  }
  return last[0] < 0 ? null : { first, last };
}

import type { Triple } from '@vesalius/volume';
import { boxOf, type LabelMap, labelIn, type Region } from './region.ts';

interface Smoothing {
  readonly value: number;
  /** Of the bell curve that details are blurred by. */
  readonly sigmaMm: number;
  /** Millimetres from voxel to voxel. */
  readonly spacing: Triple;
}

/** How many sigmas of the curve are counted. */
const REACH = 2.5;

/** A label without details smaller than about sigma: blurred, it is what keeps at least a half. A ball of radius r loses about sigma² / r of it. */
export function smooth(map: LabelMap, { value, sigmaMm, spacing }: Smoothing): Region | undefined {
  const box = boxOf(map, value);
  if (!box) return undefined;
  const weights = spacing.map((step) => bell(sigmaMm / step));
  const pad = weights.map(({ length }) => (length - 1) / 2) as unknown as Triple;
  const region = labelIn(map, value, {
    from: box.from.map((v, a) => v - (pad[a] as number)) as unknown as Triple,
    size: box.size.map((n, a) => n + 2 * (pad[a] as number)) as unknown as Triple,
  });
  const [nx, ny] = region.size;
  const strides = [1, nx, nx * ny] as const;
  let blurred = Float32Array.from(region.bits);
  for (const axis of [0, 1, 2] as const)
    blurred = blurredAlong(blurred, weights[axis] as Float64Array, { stride: strides[axis], count: region.size[axis] });
  const { bits } = region;
  // What is a half but for rounding counts: a flat border stays where it is.
  for (let i = 0; i < bits.length; i++) bits[i] = Number((blurred[i] as number) > 0.5 - 1e-4);
  return region;
}

function bell(sigma: number): Float64Array {
  const reach = Math.floor(REACH * sigma);
  const raw = Float64Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-0.5 * ((k - reach) / sigma) ** 2));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((weight) => weight / sum);
}

function blurredAlong(
  values: Float32Array<ArrayBuffer>,
  weights: Float64Array,
  { stride, count }: { readonly stride: number; readonly count: number },
): Float32Array<ArrayBuffer> {
  const reach = (weights.length - 1) / 2;
  if (reach === 0) return values;
  const result = new Float32Array(values.length);
  // Whole blocks of lines are added, each time shifted by one more voxel: the fastest order for memory.
  const block = stride * count;
  for (let start = 0; start < values.length; start += block)
    for (let k = -Math.min(reach, count - 1); k <= Math.min(reach, count - 1); k++) {
      const weight = weights[k + reach] as number;
      const shift = k * stride;
      const end = start + block - Math.max(0, shift);
      for (let i = start - Math.min(0, shift); i < end; i++)
        result[i] = (result[i] as number) + weight * (values[i + shift] as number);
    }
  return result;
}

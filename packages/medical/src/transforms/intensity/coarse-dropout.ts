import { Random } from '@vesalius/engine';
import { type PerAxis, sizePerAxis } from '../axis-values.ts';
import { type ImageArray, mapAxes, type Size } from '../sample.ts';
import { type KeysOption, type ProbabilityOption, randomTransform, type Transform } from '../transform.ts';
import { type IntensityOperation, intensityRecord, withData } from './intensity-operation.ts';
import { extent } from './statistics.ts';

interface Hole {
  /** First voxel: z, y, x. */
  readonly start: Size;
  readonly size: Size;
}

interface Dropout {
  readonly holes: readonly Hole[];
  readonly fillValue: number | readonly [number, number] | null;
  readonly dropoutHoles: boolean;
  readonly seed: number;
}

export const COARSE_DROPOUT: IntensityOperation<Dropout> = {
  name: 'CoarseDropout',
  run(image, options, key) {
    const filled = fill(image, options, key);
    const [under, over] = options.dropoutHoles ? [image.data, filled] : [filled, image.data];
    const data = under.slice();
    for (const hole of options.holes) copyBox(image, hole, { from: over, to: data });
    return withData(image, data);
  },
};

function fill(image: ImageArray, { fillValue, seed }: Dropout, key: string): Float32Array {
  const data = new Float32Array(image.data.length);
  if (typeof fillValue === 'number') return data.fill(fillValue);
  const { min, max } = extent(image.data);
  const [low, high] = fillValue ?? [min, max];
  const random = new Random(seed).fork(key);
  for (let i = 0; i < data.length; i++) data[i] = random.uniform(low, high);
  return data;
}

interface Copy {
  readonly from: Float32Array;
  readonly to: Float32Array;
}

function copyBox({ shape }: ImageArray, { start, size }: Hole, { from, to }: Copy): void {
  const [channels, depth, height, width] = shape;
  for (let plane = 0; plane < channels * size[0]; plane++) {
    const z = Math.floor(plane / size[0]) * depth + start[0] + (plane % size[0]);
    for (let y = start[1]; y < start[1] + size[1]; y++) {
      const first = (z * height + y) * width + start[2];
      to.set(from.subarray(first, first + size[2]), first);
    }
  }
}

export interface RandCoarseDropoutOptions extends KeysOption, ProbabilityOption {
  readonly holes: number;
  readonly spatialSize: PerAxis;
  /** Draws the number of holes between `holes` and this. */
  readonly maxHoles?: number;
  /** Draws each hole's size between `spatialSize` and this. */
  readonly maxSpatialSize?: PerAxis;
  /** True (default) fills the holes, false everything but the holes. */
  readonly dropoutHoles?: boolean;
  /** A value, or the ends of a range to draw from. Default: the image's range. */
  readonly fillValue?: number | readonly [number, number];
}

/**
 * Fills random boxes with one value or noise.
 *
 * @parity monai.transforms.RandCoarseDropout(holes, spatial_size, fill_value)
 */
export function randCoarseDropout(options: RandCoarseDropoutOptions): Transform {
  const { holes, maxHoles = holes, fillValue = null, dropoutHoles = true } = options;
  return randomTransform('RandCoarseDropout', options, (random, { size }) => {
    const count = holes + random.integer(maxHoles - holes + 1);
    const drawn = {
      holes: Array.from({ length: count }, () => drawHole(random, size, options)),
      fillValue,
      dropoutHoles,
    };
    return intensityRecord(COARSE_DROPOUT, { ...drawn, seed: random.uint32() }, options);
  });
}

function drawHole(random: Random, size: Size, { spatialSize, maxSpatialSize }: RandCoarseDropoutOptions): Hole {
  const least = sizePerAxis(spatialSize, size, 'spatialSize');
  const most = sizePerAxis(maxSpatialSize ?? spatialSize, size, 'maxSpatialSize');
  const hole = mapAxes((axis) => Math.min(size[axis], least[axis] + random.integer(most[axis] - least[axis] + 1)));
  return { start: mapAxes((axis) => random.integer(size[axis] - hole[axis] + 1)), size: hole };
}

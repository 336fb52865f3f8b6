import type { Random } from '@vesalius/engine';
import { mapAxes, type Sample, type Size } from '../transforms/sample.ts';
import { cutBox } from '../transforms/spatial/box.ts';
import type { Transform } from '../transforms/transform.ts';

export interface PatchAroundOptions {
  readonly patchSize: Size;
  /** Share of patches centred on a labelled voxel. */
  readonly foregroundShare: number;
  /** Places, in the flattened volume, of the labelled voxels. */
  readonly foreground: Uint32Array;
}

/** Voxels by which a patch may reach beyond the image on each side, as a share of the patch. */
const REACH = 1 / 16;

/** Cuts a patch about a random voxel, labelled ones preferred; where the image is smaller the patch reaches beyond it. */
export function patchAround(options: PatchAroundOptions): Transform {
  const { patchSize } = options;
  return {
    name: 'PatchAround',
    options,
    decide: (random, { size }) => {
      const centre = chooseCentre(random, size, options);
      const start = mapAxes((axis) => {
        const reach = Math.round((patchSize[axis] as number) * REACH);
        const slack = (size[axis] as number) - (patchSize[axis] as number);
        const [lowest, highest] = [Math.min(0, slack) - reach, Math.max(0, slack) + reach];
        const wanted = (centre[axis] as number) - Math.floor((patchSize[axis] as number) / 2);
        return slack <= 0 ? Math.round(slack / 2 + random.uniform(-reach, reach)) : clamp(wanted, lowest, highest);
      });
      return cutBox('PatchAround', size, { start, outputSize: patchSize });
    },
  };
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

function chooseCentre(
  random: Random,
  size: Size,
  { foreground, foregroundShare }: PatchAroundOptions,
): readonly number[] {
  if (random.uniform() >= foregroundShare || foreground.length === 0)
    return mapAxes((axis) => random.integer(size[axis] as number));
  const [, height, width] = size;
  const place = foreground[random.integer(foreground.length)] as number;
  return [Math.floor(place / (height * width)), Math.floor(place / width) % height, place % width];
}

/** Places of the labelled voxels of a sample's label map. */
export function foregroundOf({ labels }: Sample): Uint32Array {
  const data = labels['label']?.data ?? [];
  const places: number[] = [];
  for (let i = 0; i < data.length; i++) if ((data[i] as number) > 0) places.push(i);
  return Uint32Array.from(places);
}

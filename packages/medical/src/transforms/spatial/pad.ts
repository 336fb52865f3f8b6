import { type PerAxis, perAxis, sizePerAxis } from '../axis-values.ts';
import { mapAxes, type Size } from '../sample.ts';
import type { Transform } from '../transform.ts';
import { cutBox } from './box.ts';
import type { Padding } from './spatial-transform.ts';

export interface PadOptions {
  /** What the new voxels hold, in label maps too. Default: constant. */
  readonly mode?: Exclude<Padding['mode'], 'extent'>;
  /** For `constant`, in images; label maps get 0. Default: 0. */
  readonly value?: number;
}

export interface MethodOption {
  /** New voxels on both sides or at the end only. Default: symmetric. */
  readonly method?: 'symmetric' | 'end';
}

/**
 * Pads to at least `spatialSize`.
 *
 * @parity monai.transforms.SpatialPad(spatial_size, method, mode)
 */
export function spatialPad(options: PadOptions & MethodOption & { readonly spatialSize: PerAxis }): Transform {
  return padTransform('SpatialPad', options, (size) => sizePerAxis(options.spatialSize, size, 'spatialSize'));
}

/**
 * Pads to multiples of `k`.
 *
 * @parity monai.transforms.DivisiblePad(k, method, mode)
 */
export function divisiblePad(options: PadOptions & MethodOption & { readonly k: PerAxis }): Transform {
  return padTransform('DivisiblePad', options, (size) => {
    const k = perAxis(options.k, size, { what: 'k', still: 1 });
    return mapAxes((axis) => Math.ceil(size[axis] / k[axis]) * k[axis]);
  });
}

/**
 * Adds `spatialBorder` voxels on both sides of each axis.
 *
 * @parity monai.transforms.BorderPad(spatial_border, mode)
 */
export function borderPad(options: PadOptions & { readonly spatialBorder: PerAxis }): Transform {
  return padTransform('BorderPad', options, (size) => {
    const border = perAxis(options.spatialBorder, size, { what: 'spatialBorder', still: 0 });
    return mapAxes((axis) => size[axis] + 2 * border[axis]);
  });
}

function padTransform(name: string, options: PadOptions & MethodOption, wanted: (size: Size) => Size): Transform {
  return {
    name,
    options,
    decide(_random, { size }) {
      const target = wanted(size);
      const outputSize = mapAxes((axis) => Math.max(size[axis], target[axis]));
      if (outputSize.every((n, axis) => n === size[axis])) return null;
      const before = mapAxes((axis) =>
        options.method === 'end' ? 0 : Math.floor((outputSize[axis] - size[axis]) / 2),
      );
      return cutBox(name, size, {
        start: mapAxes((axis) => 0 - before[axis]),
        outputSize,
        padding: paddingOf(options),
      });
    },
  };
}

export function paddingOf({ mode = 'constant', value = 0 }: PadOptions): Padding {
  return mode === 'constant' ? { mode, value } : { mode };
}

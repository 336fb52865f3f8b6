import type { Random } from '@vesalius/engine';
import type { ImageArray } from '../sample.ts';
import type { IntensityTransform, KeysOption, ProbabilityOption, Transform } from '../transform.ts';
import { randomTransform } from '../transform.ts';

/** A change of voxel values that depends on its options (plain JSON), the image and the image's name alone. */
export interface IntensityOperation<O extends object> {
  readonly name: string;
  run(image: ImageArray, options: O, key: string): ImageArray;
}

/** What one application of an operation is. */
export function intensityRecord<O extends object>(
  operation: IntensityOperation<O>,
  options: O,
  { keys }: KeysOption,
): IntensityTransform {
  return { kind: 'intensity', name: operation.name, ...(keys && { keys }), options };
}

/** The transform that always applies an operation with these options. */
export function alwaysIntensity<O extends object>(
  operation: IntensityOperation<O>,
  options: O & KeysOption,
): Transform {
  const { keys: _, ...rest } = options;
  const record = intensityRecord(operation, rest as unknown as O, options);
  return { name: operation.name, options, decide: () => record };
}

/** The transform that applies an operation by chance, with options that `draw` draws. */
export function randIntensity<O extends object, D extends object>(
  name: string,
  options: D & KeysOption & ProbabilityOption,
  { operation, draw }: { readonly operation: IntensityOperation<O>; readonly draw: (random: Random) => O },
): Transform {
  return randomTransform(name, options, (random) => intensityRecord(operation, draw(random), options));
}

/** The image with other voxels. */
export function withData(image: ImageArray, data: Float32Array): ImageArray {
  return { data, shape: image.shape, spacingMm: image.spacingMm };
}

/** Changes each channel by itself, or all channels as one where `channelWise` is not set; `data` is a copy. */
export function changeChannels(
  image: ImageArray,
  channelWise: boolean | undefined,
  change: (data: Float32Array, channel: number) => void,
): ImageArray {
  const data = image.data.slice();
  const length = channelWise ? data.length / image.shape[0] : data.length;
  for (let start = 0, c = 0; start < data.length; start += length, c++) change(data.subarray(start, start + length), c);
  return withData(image, data);
}

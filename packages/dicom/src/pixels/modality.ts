import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import type { PixelFrame } from './decode-frame.ts';
import { type LookupTable, lookUp, lookupTable } from './lookup-table.ts';

/** From stored values to values with a meaning, such as Hounsfield units: PS3.3 C.11.1. */
export type ModalityTransform =
  | { readonly kind: 'rescale'; readonly slope: number; readonly intercept: number }
  | { readonly kind: 'table'; readonly table: LookupTable };

/**
 * The modality transform of an image; a table goes before a rescale. Of an enhanced image that of one frame, from its own or
 * the shared functional groups: PS3.3 C.7.6.16.2.9.
 */
export function modalityTransform(dataSet: DataSet, index = 0): ModalityTransform {
  const [table] = dataSet.items('ModalityLUTSequence');
  if (table !== undefined) return { kind: 'table', table: lookupTable(table, signedInput(dataSet)) };
  const group = functionalGroup(dataSet, 'PixelValueTransformationSequence', index) ?? dataSet;
  return {
    kind: 'rescale',
    slope: group.number('RescaleSlope') ?? 1,
    intercept: group.number('RescaleIntercept') ?? 0,
  };
}

/** The item of a functional group of a frame. */
export function functionalGroup(
  dataSet: DataSet,
  name: 'PixelValueTransformationSequence' | 'FrameVOILUTSequence',
  index: number,
): DataSet | undefined {
  const own = dataSet.items('PerFrameFunctionalGroupsSequence')[index]?.items(name)[0];
  return own ?? dataSet.items('SharedFunctionalGroupsSequence')[0]?.items(name)[0];
}

export function signedInput(dataSet: DataSet): boolean {
  return dataSet.number('PixelRepresentation') === 1;
}

/**
 * The values of a frame after its modality transform.
 *
 * @throws VALUE_INVALID for a colour image, which has none
 */
export function applyModality(
  { samples, samplesPerPixel }: PixelFrame,
  transform: ModalityTransform,
): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
  if (samplesPerPixel !== 1)
    throw new VesaliusError('VALUE_INVALID', { what: 'samples per pixel', got: samplesPerPixel, expected: 1 });
  // 32-bit integers and doubles do not fit the 24 bits of a float.
  const wide = samples.BYTES_PER_ELEMENT > 2 && !(samples instanceof Float32Array);
  const values = wide ? new Float64Array(samples.length) : new Float32Array(samples.length);
  for (let i = 0; i < values.length; i++) {
    const stored = samples[i] as number;
    values[i] =
      transform.kind === 'table' ? lookUp(transform.table, stored) : stored * transform.slope + transform.intercept;
  }
  return values;
}

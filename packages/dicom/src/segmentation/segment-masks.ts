import { VesaliusError } from '@vesalius/errors';
import { assertSameGrid, type Grid, type Volume, type VoxelArray } from '@vesalius/volume';
import { onSource } from '../objects/on-source.ts';
import type { Plane } from '../objects/planes.ts';

/** A label map whose voxels are the numbers of segments, or a volume for each segment. */
export type SegmentContent = Volume | readonly Volume[];

/** Frames of segments as the object stores them. */
export interface SegmentMasks {
  readonly grid: Grid;
  /** True where a segment has anything in a slice; one list of slices a segment. */
  readonly used: readonly (readonly boolean[])[];
  /** Writes the frame of a segment: 0 and 1, or 0 to the maximum. */
  readonly fill: (target: Uint8Array, segment: number, slice: number) => void;
}

export interface MaskOptions {
  /** The values of the segments in a label map. */
  readonly numbers: readonly number[];
  /** Of fractional segments, what 1 is stored as. */
  readonly maximum?: number;
  /** Those of the source. */
  readonly planes: readonly Plane[];
}

/**
 * Masks of segments from a label map or from volumes of their own, their axes in the order of the source's.
 *
 * @throws LABEL_OUT_OF_RANGE for a value without a segment, GEOMETRY_MISMATCH when volumes are not on one grid,
 * DATA_MISMATCH when there is not one volume a segment
 */
export function segmentMasks(content: SegmentContent, options: MaskOptions): SegmentMasks {
  const { planes } = options;
  if (!isList(content)) return ofLabels(onSource(content, planes), options);
  if (content.length !== options.numbers.length)
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'volumes of segments',
      got: content.length,
      expected: options.numbers.length,
    });
  return ofVolumes(
    content.map((volume) => onSource(volume, planes)),
    options.maximum,
  );
}

export function isList(content: SegmentContent): content is readonly Volume[] {
  return Array.isArray(content);
}

function ofLabels(labels: Volume, { numbers, maximum = 1 }: MaskOptions): SegmentMasks {
  const { voxels, size } = labels;
  const pixels = size[0] * size[1];
  const places = new Map(numbers.map((number, i) => [number, i]));
  const used = numbers.map(() => new Array<boolean>(size[2]).fill(false));
  let last = 0;
  for (let i = 0; i < pixels * size[2]; i++) {
    const value = Number(voxels[i]);
    if (i % pixels === 0) last = 0;
    // Runs of one value are the rule: only a change is looked up.
    if (value === 0 || value === last) continue;
    const place = places.get(value);
    if (place === undefined) throw unknownLabel(value, numbers);
    (used[place] as boolean[])[Math.floor(i / pixels)] = true;
    last = value;
  }
  const fill = (target: Uint8Array, segment: number, slice: number): void => {
    const number = numbers[segment];
    for (let i = 0, at = slice * pixels; i < pixels; i++, at++) target[i] = Number(voxels[at]) === number ? maximum : 0;
  };
  return { grid: labels, used, fill };
}

function unknownLabel(got: number, numbers: readonly number[]): VesaliusError {
  return new VesaliusError('LABEL_OUT_OF_RANGE', { what: 'value of the label map', got, expected: [0, ...numbers] });
}

function ofVolumes(volumes: readonly Volume[], maximum: number | undefined): SegmentMasks {
  const grid = volumes[0] as Volume;
  for (const volume of volumes) assertSameGrid(grid, volume);
  const pixels = grid.size[0] * grid.size[1];
  const fill = (target: Uint8Array, segment: number, slice: number): void => {
    const { voxels } = volumes[segment] as Volume;
    for (let i = 0, at = slice * pixels; i < pixels; i++, at++) target[i] = stored(voxels, at, maximum);
  };
  const frame = new Uint8Array(pixels);
  const used = volumes.map((_, segment) =>
    Array.from({ length: grid.size[2] }, (__, slice) => {
      fill(frame, segment, slice);
      return frame.some((value) => value > 0);
    }),
  );
  return { grid, used, fill };
}

function stored(voxels: VoxelArray, at: number, maximum: number | undefined): number {
  const value = Number(voxels[at]);
  if (maximum === undefined) return value > 0 ? 1 : 0;
  if (value >= 0 && value <= 1) return Math.round(value * maximum);
  throw new VesaliusError('VALUE_INVALID', { what: 'value of a fractional segment', got: value, expected: '0 to 1' });
}

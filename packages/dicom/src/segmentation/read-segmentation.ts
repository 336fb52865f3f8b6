import { VesaliusError } from '@vesalius/errors';
import { createVolume, type Grid, type Volume, voxelsPerFrame } from '@vesalius/volume';
import type { DataSet } from '../data-set/data-set.ts';
import { frameGroup, type Plane, planesOrPicture } from '../objects/planes.ts';
import { placeOnGrid, stackOf } from '../objects/stack.ts';
import type { DicomFile } from '../part10/read-dicom.ts';
import { decodeFrame } from '../pixels/decode-frame.ts';
import type { SampleArray } from '../pixels/sample-array.ts';
import type { SegmentationType } from './build-segmentation.ts';
import { readSegment, type Segment } from './segment.ts';

/** A segmentation object as volumes. */
export interface Segmentation {
  readonly type: SegmentationType;
  /** Less a label map's background. */
  readonly segments: readonly Segment[];
  readonly grid: Grid;
  /** The instances it was derived from, as far as it names them. */
  readonly sourceInstanceUids: readonly string[];
  /** What is in a segment: 0 and 1, or of FRACTIONAL 0 to 1 in float32. Slices without a frame are 0. */
  readonly mask: (number: number) => Volume<Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>>;
  /** All segments as one label map, whose voxels are their numbers, of fractions those above one half; throws DATA_MISMATCH when segments overlap. */
  readonly labels: () => Volume<Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>;
}

export interface ReadSegmentationOptions {
  /** The grid to put the frames on, such as the source's; without it the smallest that they fill. */
  readonly grid?: Grid;
}

interface StoredFrame {
  /** None in a label map. */
  readonly segment: number | undefined;
  readonly slice: number;
  readonly samples: SampleArray;
}

/**
 * Reads a segmentation of any writer: segments in any order, overlapping, slices missing.
 *
 * @throws VALUE_INVALID when it is none or attributes are missing, FILE_UNSUPPORTED for tiles of a slide or for several pictures, GEOMETRY_MISMATCH when its frames are on no grid, or not on
 * the one asked for; what `decodeFrame` throws
 */
export async function readSegmentation(
  file: Pick<DicomFile, 'dataSet' | 'transferSyntax'>,
  options: ReadSegmentationOptions = {},
): Promise<Segmentation> {
  const { dataSet } = file;
  const type = typeOf(dataSet);
  const planes = planesOrPicture(dataSet);
  const sources = sourcesOf(dataSet);
  if (sources.length > 1 && planes.some(({ placed }) => !placed))
    throw new VesaliusError('FILE_UNSUPPORTED', { what: 'segmentation of several pictures without a place' });
  const { grid, slices } = options.grid
    ? { grid: options.grid, slices: slicesOn(options.grid, planes) }
    : stackOf(planes, frameGroup(dataSet, 'PixelMeasuresSequence', 0)?.number('SpacingBetweenSlices'));
  const frames: StoredFrame[] = [];
  for (const [i, slice] of slices.entries()) {
    const segment = type === 'LABELMAP' ? undefined : segmentOf(dataSet, i);
    frames.push({ segment, slice, samples: (await decodeFrame(file, i)).samples });
  }
  const background = type === 'LABELMAP' ? (dataSet.number('PixelPaddingValue') ?? 0) : 0;
  const segments = dataSet
    .items('SegmentSequence')
    .map(readSegment)
    .filter(({ number }) => number !== 0 && number !== background);
  const maximum = type === 'FRACTIONAL' ? (dataSet.number('MaximumFractionalValue') ?? 255) : undefined;
  return {
    type,
    segments,
    grid,
    sourceInstanceUids: sources,
    mask: (number) => maskOf({ grid, frames, number, maximum }),
    labels: () => labelsOf({ grid, frames, segments, background, least: (maximum ?? 0) / 2 }),
  };
}

function typeOf(dataSet: DataSet): SegmentationType {
  const type = dataSet.string('SegmentationType');
  if (type === 'BINARY' || type === 'FRACTIONAL' || type === 'LABELMAP') return type;
  throw new VesaliusError('VALUE_INVALID', {
    what: 'SegmentationType',
    got: type ?? 'none',
    expected: 'BINARY, FRACTIONAL or LABELMAP',
  });
}

function slicesOn(grid: Grid, planes: readonly Plane[]): number[] {
  const [columns, rows, slices] = grid.size;
  // A picture's pixels are all that it says of its place.
  if (planes.every((plane) => !plane.placed && plane.rows === rows && plane.columns === columns) && slices === 1)
    return planes.map(() => 0);
  return placeOnGrid(grid, planes, { samePixels: true }).map((slice, i) => {
    if (slice !== undefined) return slice;
    throw new VesaliusError('GEOMETRY_MISMATCH', { what: `place of frame ${i + 1}`, got: 'not on the grid asked for' });
  });
}

function segmentOf(dataSet: DataSet, frame: number): number {
  const number = frameGroup(dataSet, 'SegmentIdentificationSequence', frame)?.number('ReferencedSegmentNumber');
  if (number !== undefined) return number;
  throw new VesaliusError('VALUE_INVALID', { what: `ReferencedSegmentNumber of frame ${frame + 1}`, got: 'none' });
}

function sourcesOf(dataSet: DataSet): string[] {
  const referenced = dataSet
    .items('ReferencedSeriesSequence')
    .flatMap((series) => series.items('ReferencedInstanceSequence'));
  const derived = [
    ...dataSet.items('PerFrameFunctionalGroupsSequence'),
    ...dataSet.items('SharedFunctionalGroupsSequence'),
  ].flatMap((group) => group.items('DerivationImageSequence').flatMap((item) => item.items('SourceImageSequence')));
  const uids = [...referenced, ...derived].flatMap((item) => item.strings('ReferencedSOPInstanceUID'));
  return [...new Set(uids)];
}

interface MaskRequest {
  readonly grid: Grid;
  readonly frames: readonly StoredFrame[];
  readonly number: number;
  /** Of fractional segments alone. */
  readonly maximum: number | undefined;
}

function maskOf({ grid, frames, number, maximum }: MaskRequest) {
  const voxels = maximum === undefined ? new Uint8Array(voxelsPerFrame(grid)) : new Float32Array(voxelsPerFrame(grid));
  const pixels = grid.size[0] * grid.size[1];
  for (const { segment, slice, samples } of frames) {
    if (segment !== undefined && segment !== number) continue;
    const start = slice * pixels;
    for (let i = 0; i < pixels; i++) {
      const value = samples[i] as number;
      const share = segment === undefined ? Number(value === number) : maximum === undefined ? value : value / maximum;
      // Two frames in one place, as some writers have them for parts of a segment, are both in it.
      if (share > (voxels[start + i] as number)) voxels[start + i] = share;
    }
  }
  return createVolume({ voxels, size: grid.size, voxelToLps: grid.voxelToLps });
}

interface LabelRequest {
  readonly grid: Grid;
  readonly frames: readonly StoredFrame[];
  readonly segments: readonly Segment[];
  readonly background: number;
  /** A sample must be above it to count. */
  readonly least: number;
}

function labelsOf({ grid, frames, segments, background, least }: LabelRequest) {
  const highest = segments.reduce((most, { number }) => Math.max(most, number), 0);
  const voxels = new (highest > 255 ? Uint16Array : Uint8Array)(voxelsPerFrame(grid));
  const pixels = grid.size[0] * grid.size[1];
  for (const { segment, slice, samples } of frames) {
    const start = slice * pixels;
    for (let i = 0; i < pixels; i++) {
      const value = samples[i] as number;
      const number = segment ?? (value === background ? 0 : value);
      if (value <= least || number === 0) continue;
      const there = voxels[start + i] as number;
      if (there !== 0 && there !== number) throw overlap(there, number);
      voxels[start + i] = number;
    }
  }
  return createVolume({ voxels, size: grid.size, voxelToLps: grid.voxelToLps });
}

function overlap(a: number, b: number): VesaliusError {
  return new VesaliusError('DATA_MISMATCH', {
    what: 'voxel of a label map',
    got: `segments ${a} and ${b}`,
    expected: 'one segment a voxel; read each by its mask',
  });
}

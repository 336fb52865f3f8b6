import { VesaliusError } from '@vesalius/errors';
import { applyAffine, type Grid, type Triple } from '@vesalius/volume';
import type { Code } from '../codes/codes.ts';
import { tagOf } from '../dictionary/tags.ts';
import { codeItems } from './code-items.ts';
import type { DataSetRecord } from './create-data-set.ts';
import { createUid } from './create-uid.ts';
import { cross, dot, type Plane } from './planes.ts';
import { frameNumber, instanceReference } from './references.ts';
import { placeOnGrid } from './stack.ts';

/** A frame on a slice of the grid, of one segment where frames have one. */
export interface GridFrame {
  readonly slice: number;
  /** From 1. */
  readonly segmentNumber?: number;
}

export interface MultiFrameOptions {
  readonly grid: Grid;
  readonly frames: readonly GridFrame[];
  /** The planes the frames were derived from. */
  readonly source: readonly Plane[];
  readonly derivation: Code;
  readonly purpose: Code;
  /** Further shared functional groups. */
  readonly shared?: DataSetRecord;
}

/**
 * Frame of reference, dimensions and functional groups of frames on a grid: PS3.3 C.7.4.1, C.7.6.16, C.7.6.17.
 *
 * @throws VALUE_INVALID when a source with a place has no frame of reference, DATA_MISMATCH when it has several, GEOMETRY_MISMATCH for
 * rows that are not square to columns
 */
export function multiFrameAttributes(options: MultiFrameOptions): DataSetRecord {
  const { grid, frames, source, shared } = options;
  const placed = source.every((plane) => plane.placed);
  const bySegment = frames[0]?.segmentNumber !== undefined;
  const ranks = new Map(
    [...new Set(frames.map(({ slice }) => slice))].sort((a, b) => a - b).map((slice, i) => [slice, i + 1]),
  );
  const derived = derivationOf(options);
  return {
    ...(placed ? frameOfReference(source) : pictureAttributes(source)),
    NumberOfFrames: frames.length,
    ...dimensions(bySegment, placed),
    SharedFunctionalGroupsSequence: [{ ...(placed ? sharedGroups(axesOf(grid)) : {}), ...shared }],
    PerFrameFunctionalGroupsSequence: frames.map(({ slice, segmentNumber }) => ({
      FrameContentSequence: [
        {
          ...(placed ? {} : { StackID: '1', InStackPositionNumber: 1 }),
          DimensionIndexValues: [...(segmentNumber === undefined ? [] : [segmentNumber]), ranks.get(slice) as number],
        },
      ],
      PlanePositionSequence: placed
        ? [{ ImagePositionPatient: [...applyAffine(grid.voxelToLps, [0, 0, slice])] }]
        : undefined,
      DerivationImageSequence: derived(slice),
      SegmentIdentificationSequence:
        segmentNumber === undefined ? undefined : [{ ReferencedSegmentNumber: segmentNumber }],
    })),
  };
}

function frameOfReference(source: readonly Plane[]): DataSetRecord {
  const found = new Set(source.map(({ dataSet }) => dataSet.string('FrameOfReferenceUID')));
  const [uid] = found;
  if (found.size > 1)
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'frames of reference of the source',
      got: found.size,
      expected: 1,
    });
  if (uid === undefined) throw new VesaliusError('VALUE_INVALID', { what: 'FrameOfReferenceUID', got: 'none' });
  return {
    FrameOfReferenceUID: uid,
    PositionReferenceIndicator: source[0]?.dataSet.string('PositionReferenceIndicator') ?? null,
  };
}

/** PS3.3 C.7.6.1.1.1: a picture without a place says how its sides lie, as far as is known. */
function pictureAttributes([first]: readonly Plane[]): DataSetRecord {
  const sides = first?.dataSet.strings('PatientOrientation') ?? [];
  return { PatientOrientation: sides.length === 2 ? [...sides] : null };
}

interface Axes {
  readonly alongRow: Triple;
  readonly alongColumn: Triple;
  readonly spacing: Triple;
}

function axesOf({ voxelToLps: { matrix } }: Grid): Axes {
  const column = (axis: number): Triple => [matrix[axis], matrix[axis + 4], matrix[axis + 8]] as unknown as Triple;
  const [x, y, z] = [column(0), column(1), column(2)];
  const [sx, sy] = [Math.hypot(...x), Math.hypot(...y)];
  const alongRow = x.map((value) => value / sx) as unknown as Triple;
  const alongColumn = y.map((value) => value / sy) as unknown as Triple;
  const slant = dot(alongRow, alongColumn);
  if (Math.abs(slant) > 1e-3)
    throw new VesaliusError('GEOMETRY_MISMATCH', { what: 'cosine between rows and columns', got: slant, expected: 0 });
  return { alongRow, alongColumn, spacing: [sx, sy, Math.abs(dot(z, cross(alongRow, alongColumn)))] };
}

function sharedGroups({ alongRow, alongColumn, spacing: [sx, sy, sz] }: Axes): DataSetRecord {
  return {
    PixelMeasuresSequence: [{ PixelSpacing: [sy, sx], SliceThickness: sz, SpacingBetweenSlices: sz }],
    PlaneOrientationSequence: [{ ImageOrientationPatient: [...alongRow, ...alongColumn] }],
  };
}

function dimensions(bySegment: boolean, placed: boolean): DataSetRecord {
  const uid = createUid();
  const position = placed
    ? {
        DimensionOrganizationUID: uid,
        DimensionIndexPointer: tagOf('ImagePositionPatient'),
        FunctionalGroupPointer: tagOf('PlanePositionSequence'),
        DimensionDescriptionLabel: 'Image Position Patient',
      }
    : {
        DimensionOrganizationUID: uid,
        DimensionIndexPointer: tagOf('InStackPositionNumber'),
        FunctionalGroupPointer: tagOf('FrameContentSequence'),
        DimensionDescriptionLabel: 'In-Stack Position',
      };
  const segment = {
    DimensionOrganizationUID: uid,
    DimensionIndexPointer: tagOf('ReferencedSegmentNumber'),
    FunctionalGroupPointer: tagOf('SegmentIdentificationSequence'),
    DimensionDescriptionLabel: 'Segment Number',
  };
  return {
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: uid }],
    DimensionIndexSequence: bySegment ? [segment, position] : [position],
  };
}

/** For a slice, the items that name the frames of the source in its plane; none where it lies between them. */
function derivationOf({ grid, source, derivation, purpose }: MultiFrameOptions): (slice: number) => DataSetRecord[] {
  const slices = placeOnGrid(grid, source, { samePixels: false });
  const onPixels = placeOnGrid(grid, source, { samePixels: true });
  const bySlice = Map.groupBy(source.keys(), (i) => slices[i]);
  return (slice) => {
    const images = (bySlice.get(slice) ?? []).map((i) => {
      const { dataSet, frame } = source[i] as Plane;
      return {
        ...instanceReference(dataSet),
        ReferencedFrameNumber: frameNumber(dataSet, frame),
        PurposeOfReferenceCodeSequence: codeItems(purpose),
        SpatialLocationsPreserved: onPixels[i] === undefined ? 'NO' : 'YES',
      };
    });
    return images.length === 0 ? [] : [{ DerivationCodeSequence: codeItems(derivation), SourceImageSequence: images }];
  };
}

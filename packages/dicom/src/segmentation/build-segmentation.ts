import { VesaliusError } from '@vesalius/errors';
import { codeNamed } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import type { DataSetRecord } from '../objects/create-data-set.ts';
import { createInstance, dateAndTime, type InstanceOptions } from '../objects/create-instance.ts';
import { lossyAttributes } from '../objects/lossy.ts';
import { multiFrameAttributes } from '../objects/multi-frame.ts';
import { planesOrPicture } from '../objects/planes.ts';
import { seriesReferences } from '../objects/references.ts';
import { type Segment, segmentItem } from './segment.ts';
import { isList, type SegmentContent, type SegmentMasks, segmentMasks } from './segment-masks.ts';
import { binaryPixels, fractionalPixels, framesOf, labelMapPixels, type SegmentFrame } from './segmentation-pixels.ts';

export interface BuildSegmentationOptions extends InstanceOptions {
  /** The images that were segmented: a series, or one multi-frame image; pixel data are not needed. */
  readonly source: readonly DataSet[];
  /**
   * A label map, whose voxels are numbers of segments, or a volume for each segment: above 0 is inside, or of FRACTIONAL 0 to 1.
   * On any grid whose axes are those of the source's, in any order; over a picture without a place, of its rows and columns.
   */
  readonly content: SegmentContent;
  /** BINARY and FRACTIONAL number them anew, from 1, in this order. */
  readonly segments: readonly Segment[];
  /** Default: BINARY. */
  readonly type?: SegmentationType;
  /** What fractions mean; PROBABILITY without it. Values are stored in steps of 1/255. */
  readonly fractionalType?: 'PROBABILITY' | 'OCCUPANCY';
  /** Characters of CS; SEGMENTATION without it. */
  readonly contentLabel?: string;
  readonly contentDescription?: string;
  readonly contentCreatorName?: string;
}

export type SegmentationType = 'BINARY' | 'FRACTIONAL' | 'LABELMAP';

const SEGMENTATION = '1.2.840.10008.5.1.4.1.1.66.4';
const LABEL_MAP_SEGMENTATION = '1.2.840.10008.5.1.4.1.1.66.7';
const MAXIMUM = 255;

/**
 * A segmentation object over a source series; frames without anything in them are left out.
 *
 * @throws LABEL_OUT_OF_RANGE for a voxel whose value is no segment's, DATA_MISMATCH when sources and content do not belong
 * together, INVALID_ARGUMENT for segments without numbers or algorithms without names, GEOMETRY_MISMATCH when volumes differ in their grid
 * @source PS3.3 A.51, C.8.20; label maps: Supplement 243
 */
export function buildSegmentation(options: BuildSegmentationOptions): DataSet {
  const { source, type = 'BINARY', segments, content } = options;
  assertSegments(segments, type);
  const planes = source.flatMap(planesOrPicture);
  const masks = segmentMasks(content, {
    numbers: segments.map(({ number }) => number),
    planes,
    ...(type === 'FRACTIONAL' ? { maximum: MAXIMUM } : {}),
  });
  const frames = framesOf(masks, type === 'LABELMAP');
  return createInstance({
    ...options,
    sopClassUid: type === 'LABELMAP' ? LABEL_MAP_SEGMENTATION : SEGMENTATION,
    modality: 'SEG',
    attributes: {
      ImageType: ['DERIVED', 'PRIMARY'],
      ...contentAttributes(options),
      ...lossyAttributes(source),
      ReferencedSeriesSequence: seriesReferences(source, 'ReferencedInstanceSequence'),
      Rows: masks.grid.size[1],
      Columns: masks.grid.size[0],
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      PixelRepresentation: 0,
      SegmentationType: type,
      ...segmentAttributes(options),
      ...pixelsOf(masks, frames, options),
      ...multiFrameAttributes({
        grid: masks.grid,
        frames: frames.map(({ slice, segment }) => ({
          slice,
          ...(segment === undefined ? {} : { segmentNumber: segment + 1 }),
        })),
        source: planes,
        derivation: codeNamed('DCM', 'SegmentationImageDerivation'),
        purpose: codeNamed('DCM', 'SourceImageForImageProcessingOperation'),
      }),
    },
  });
}

function assertSegments(segments: readonly Segment[], type: SegmentationType): void {
  const numbers = segments.map(({ number }) => number);
  const sound = numbers.every((number) => Number.isInteger(number) && number > 0 && number <= 65535);
  if (sound && numbers.length > 0 && new Set(numbers).size === numbers.length) return;
  const expected = 'at least one, each 1 to 65535 and used once';
  throw new VesaliusError('INVALID_ARGUMENT', { what: `segment numbers (${type})`, got: numbers, expected });
}

function contentAttributes(options: BuildSegmentationOptions): DataSetRecord {
  const { date, time } = dateAndTime(options.now ?? new Date(), options.source[0]);
  return {
    ContentDate: date,
    ContentTime: time,
    ContentLabel: options.contentLabel ?? 'SEGMENTATION',
    ContentDescription: options.contentDescription ?? null,
    ContentCreatorName: options.contentCreatorName ?? null,
  };
}

function segmentAttributes({ type, segments, content, fractionalType }: BuildSegmentationOptions): DataSetRecord {
  if (type === 'LABELMAP')
    return { SegmentsOverlap: 'NO', SegmentSequence: [background(segments), ...segments].map(segmentItem) };
  return {
    SegmentsOverlap: isList(content) && segments.length > 1 ? 'UNDEFINED' : 'NO',
    ...(type === 'FRACTIONAL'
      ? { SegmentationFractionalType: fractionalType ?? 'PROBABILITY', MaximumFractionalValue: MAXIMUM }
      : {}),
    // PS3.3 C.8.20.4: numbers rise from 1 by 1.
    SegmentSequence: segments.map((segment, i) => segmentItem({ ...segment, number: i + 1 })),
  };
}

/** Supplement 243: every value of the pixels has its item, 0 too. */
function background([first]: readonly Segment[]): Segment {
  const code = codeNamed('DCM', 'Background');
  const algorithm = first?.algorithm ?? { type: 'MANUAL' };
  return { number: 0, label: 'Background', category: code, type: code, algorithm };
}

function pixelsOf(
  masks: SegmentMasks,
  frames: readonly SegmentFrame[],
  { type, segments }: BuildSegmentationOptions,
): DataSetRecord {
  if (type === 'FRACTIONAL') return fractionalPixels(masks, frames);
  if (type !== 'LABELMAP') return binaryPixels(masks, frames);
  return labelMapPixels(
    masks,
    frames,
    segments.map(({ number }) => number),
  );
}

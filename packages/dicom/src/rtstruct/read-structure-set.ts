import { VesaliusError } from '@vesalius/errors';
import type { Code } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import { readCodes } from '../objects/code-items.ts';
import type { Rgb } from '../objects/lab-color.ts';
import { present } from '../objects/present.ts';
import type { Contour, ContourType } from './contours.ts';

/** A region of interest as a structure set has it. */
export interface StoredRegion {
  readonly number: number;
  readonly name: string;
  readonly description?: string;
  readonly algorithm?: string;
  readonly interpretedType?: string;
  readonly identification?: Code;
  readonly color?: Rgb;
  readonly frameOfReferenceUid?: string;
  readonly contours: readonly Contour[];
}

export interface StructureSet {
  readonly label: string;
  readonly regions: readonly StoredRegion[];
}

/**
 * Reads a structure set; `maskOfContours` makes a mask of a region on the grid of its images.
 *
 * @throws VALUE_INVALID when the data set has no regions
 */
export function readStructureSet(dataSet: DataSet): StructureSet {
  if (!dataSet.has('StructureSetROISequence'))
    throw new VesaliusError('VALUE_INVALID', { what: 'StructureSetROISequence', got: 'none' });
  const contours = byRegion(dataSet, 'ROIContourSequence');
  const observations = byRegion(dataSet, 'RTROIObservationsSequence');
  const regions = dataSet.items('StructureSetROISequence').map((item) => {
    const number = item.number('ROINumber') ?? 0;
    return regionOf(item, contours.get(number), observations.get(number));
  });
  return { label: dataSet.string('StructureSetLabel') ?? '', regions };
}

function byRegion(dataSet: DataSet, name: 'ROIContourSequence' | 'RTROIObservationsSequence'): Map<number, DataSet> {
  return new Map(dataSet.items(name).map((item) => [item.number('ReferencedROINumber') ?? 0, item]));
}

function regionOf(item: DataSet, drawn: DataSet | undefined, observed: DataSet | undefined): StoredRegion {
  const color = drawn?.numbers('ROIDisplayColor') ?? [];
  return {
    number: item.number('ROINumber') ?? 0,
    name: item.string('ROIName') ?? '',
    contours: (drawn?.items('ContourSequence') ?? []).map(contourOf),
    ...present({
      description: item.string('ROIDescription'),
      algorithm: item.string('ROIGenerationAlgorithm'),
      frameOfReferenceUid: item.string('ReferencedFrameOfReferenceUID'),
      interpretedType: observed?.string('RTROIInterpretedType'),
      identification: observed && readCodes(observed, 'RTROIIdentificationCodeSequence')[0],
      color: color.length === 3 ? (color as unknown as Rgb) : undefined,
    }),
  };
}

function contourOf(item: DataSet): Contour {
  const imageUids = item.items('ContourImageSequence').flatMap((image) => image.strings('ReferencedSOPInstanceUID'));
  return {
    type: (item.string('ContourGeometricType') ?? '') as ContourType,
    points: item.numbers('ContourData'),
    ...present({ imageUids: imageUids.length > 0 ? imageUids : undefined }),
  };
}

import { VesaliusError } from '@vesalius/errors';
import type { Volume } from '@vesalius/volume';
import type { Code } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import { codeItems } from '../objects/code-items.ts';
import type { DataSetRecord } from '../objects/create-data-set.ts';
import { createInstance, dateAndTime, type InstanceOptions } from '../objects/create-instance.ts';
import type { Rgb } from '../objects/lab-color.ts';
import { cross, difference, dot, type Plane, planesOf } from '../objects/planes.ts';
import { frameNumber, instanceReference, seriesReferences } from '../objects/references.ts';
import { type Contour, contoursOfMask } from './contours.ts';

/** A region of interest: a mask, whose voxels above 0 are inside, or contours. */
export interface RegionOfInterest {
  readonly name: string;
  readonly content: Volume | readonly Contour[];
  readonly description?: string;
  /** Who drew it. */
  readonly algorithm: 'AUTOMATIC' | 'SEMIAUTOMATIC' | 'MANUAL';
  /** PS3.3 C.8.8.8.1: `ORGAN`, `GTV`, `CTV`, `PTV`, `EXTERNAL`, ...; empty without it. */
  readonly interpretedType?: string;
  /** What it is, as a segment's type. */
  readonly identification?: Code;
  readonly color?: Rgb;
}

export interface BuildStructureSetOptions extends InstanceOptions {
  /** The images it is drawn on, of one frame of reference. */
  readonly source: readonly DataSet[];
  /** At most 16 characters. */
  readonly label: string;
  readonly regions: readonly RegionOfInterest[];
}

const STRUCTURE_SET = '1.2.840.10008.5.1.4.1.1.481.3';
const DETACHED_STUDY = '1.2.840.10008.3.1.2.3.1';

/**
 * A radiotherapy structure set.
 *
 * @throws DATA_MISMATCH when the sources are of several studies or frames of reference, VALUE_INVALID when they have none
 * @source PS3.3 A.19, C.8.8.5 to C.8.8.8
 */
export function buildStructureSet(options: BuildStructureSetOptions): DataSet {
  const { source, label, regions, now = new Date() } = options;
  const frameOfReference = frameOfReferenceOf(source);
  const planes = source.flatMap(planesOf);
  const { date, time } = dateAndTime(now, source[0]);
  return createInstance({
    ...options,
    sopClassUid: STRUCTURE_SET,
    modality: 'RTSTRUCT',
    attributes: {
      OperatorsName: null,
      StructureSetLabel: label,
      StructureSetDate: date,
      StructureSetTime: time,
      FrameOfReferenceUID: frameOfReference,
      PositionReferenceIndicator: null,
      ApprovalStatus: 'UNAPPROVED',
      ReferencedFrameOfReferenceSequence: [
        { FrameOfReferenceUID: frameOfReference, RTReferencedStudySequence: [studyItem(source)] },
      ],
      StructureSetROISequence: regions.map((region, i) => regionItem(region, i + 1, frameOfReference)),
      ROIContourSequence: regions.map((region, i) => contourItem(region, i + 1, planes)),
      RTROIObservationsSequence: regions.map((region, i) => observationItem(region, i + 1)),
    },
  });
}

function frameOfReferenceOf(source: readonly DataSet[]): string {
  const found = new Set(source.map((one) => one.string('FrameOfReferenceUID')));
  const [uid] = found;
  const what = 'frame of reference of the source';
  if (found.size > 1) throw new VesaliusError('DATA_MISMATCH', { what, got: `${found.size}`, expected: 1 });
  if (uid === undefined) throw new VesaliusError('VALUE_INVALID', { what, got: 'none' });
  return uid;
}

function studyItem(source: readonly DataSet[]): DataSetRecord {
  return {
    // PS3.3 C.8.8.5: the retired class still marks a reference to a study.
    ReferencedSOPClassUID: DETACHED_STUDY,
    ReferencedSOPInstanceUID: source[0]?.string('StudyInstanceUID') ?? '',
    RTReferencedSeriesSequence: seriesReferences(source, 'ReferencedInstanceSequence').map((series) => ({
      SeriesInstanceUID: series.SeriesInstanceUID,
      ContourImageSequence: series.ReferencedInstanceSequence,
    })),
  };
}

function regionItem(region: RegionOfInterest, number: number, frameOfReference: string): DataSetRecord {
  return {
    ROINumber: number,
    ReferencedFrameOfReferenceUID: frameOfReference,
    ROIName: region.name,
    ROIDescription: region.description,
    ROIGenerationAlgorithm: region.algorithm,
  };
}

function contourItem({ content, color }: RegionOfInterest, number: number, planes: readonly Plane[]): DataSetRecord {
  const contours = 'voxels' in content ? contoursOfMask(content) : content;
  return {
    ROIDisplayColor: color && [...color],
    ContourSequence:
      contours.length === 0
        ? undefined
        : contours.map(({ type, points }, i) => ({
            ContourNumber: i + 1,
            ContourImageSequence: imagesUnder(points, planes),
            ContourGeometricType: type,
            NumberOfContourPoints: points.length / 3,
            // A tenth of a micrometre; every digit more costs bytes, and explicit VRs end at 65,534 of them.
            ContourData: points.map((value) => Math.round(value * 1e4) / 1e4),
          })),
    ReferencedROINumber: number,
  };
}

/** The frames of the source in whose plane a contour's points lie. */
function imagesUnder(points: readonly number[], planes: readonly Plane[]): DataSetRecord[] | undefined {
  const [x = 0, y = 0, z = 0] = points;
  const items = planes.flatMap((plane) => {
    const height = dot(difference([x, y, z], plane.position), cross(plane.alongRow, plane.alongColumn));
    if (Math.abs(height) > 0.05) return [];
    return [{ ...instanceReference(plane.dataSet), ReferencedFrameNumber: frameNumber(plane.dataSet, plane.frame) }];
  });
  return items.length === 0 ? undefined : items;
}

function observationItem({ interpretedType, identification }: RegionOfInterest, number: number): DataSetRecord {
  return {
    ObservationNumber: number,
    ReferencedROINumber: number,
    RTROIIdentificationCodeSequence: codeItems(identification),
    RTROIInterpretedType: interpretedType ?? null,
    ROIInterpreter: null,
  };
}

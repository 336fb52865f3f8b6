import { VesaliusError } from '@vesalius/errors';
import type { Code } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import { codeItems, readCodes } from '../objects/code-items.ts';
import type { DataSetRecord } from '../objects/create-data-set.ts';
import { labOf, type Rgb, rgbOf } from '../objects/lab-color.ts';
import { present } from '../objects/present.ts';

export interface SegmentAlgorithm {
  readonly type: 'AUTOMATIC' | 'SEMIAUTOMATIC' | 'MANUAL';
  /** Must be there unless manual. */
  readonly name?: string;
  readonly version?: string;
  /** Of context group 7162. */
  readonly family?: Code;
}

/** What a segment is: PS3.3 table C.8.20-4. */
export interface Segment {
  /** Its number in the object; in a label map the value of its pixels. */
  readonly number: number;
  readonly label: string;
  readonly description?: string;
  /** Of context group 7150. */
  readonly category: Code;
  /** Of context group 7151. */
  readonly type: Code;
  readonly typeModifiers?: readonly Code[];
  readonly anatomicRegion?: Code;
  readonly anatomicRegionModifiers?: readonly Code[];
  readonly algorithm: SegmentAlgorithm;
  readonly trackingId?: string;
  readonly trackingUid?: string;
  readonly color?: Rgb;
}

/**
 * An item of `SegmentSequence`.
 *
 * @throws INVALID_ARGUMENT for an algorithm without a name
 */
export function segmentItem(segment: Segment): DataSetRecord {
  const { algorithm, trackingUid } = segment;
  if (algorithm.type !== 'MANUAL' && algorithm.name === undefined)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: `name of an algorithm that is ${algorithm.type}`,
      got: 'none',
    });
  return {
    SegmentNumber: segment.number,
    SegmentLabel: segment.label,
    SegmentDescription: segment.description,
    SegmentAlgorithmType: algorithm.type,
    SegmentAlgorithmName: algorithm.name,
    SegmentedPropertyCategoryCodeSequence: codeItems(segment.category),
    SegmentedPropertyTypeCodeSequence: codeItems(segment.type)?.map((item) => ({
      ...item,
      SegmentedPropertyTypeModifierCodeSequence: codeItems(...(segment.typeModifiers ?? [])),
    })),
    AnatomicRegionSequence: codeItems(segment.anatomicRegion)?.map((item) => ({
      ...item,
      AnatomicRegionModifierSequence: codeItems(...(segment.anatomicRegionModifiers ?? [])),
    })),
    SegmentationAlgorithmIdentificationSequence: algorithmItems(algorithm),
    TrackingID: trackingUid === undefined ? undefined : (segment.trackingId ?? segment.label),
    TrackingUID: trackingUid,
    RecommendedDisplayCIELabValue: segment.color === undefined ? undefined : labOf(segment.color),
  };
}

function algorithmItems({ name, version, family }: SegmentAlgorithm): DataSetRecord[] | undefined {
  // PS3.3 table 10-19: family, name and version are all needed.
  if (family === undefined || name === undefined) return undefined;
  return [{ AlgorithmFamilyCodeSequence: codeItems(family), AlgorithmName: name, AlgorithmVersion: version ?? '0' }];
}

const UNKNOWN: Code = { value: '261665006', scheme: 'SCT', meaning: 'Unknown' };

/** Reads an item of `SegmentSequence`; codes that are missing come out as unknown. */
export function readSegment(item: DataSet): Segment {
  const [typeItem] = item.items('SegmentedPropertyTypeCodeSequence');
  const [regionItem] = item.items('AnatomicRegionSequence');
  const lab = item.numbers('RecommendedDisplayCIELabValue');
  return {
    number: item.number('SegmentNumber') ?? 0,
    label: item.string('SegmentLabel') ?? '',
    category: readCodes(item, 'SegmentedPropertyCategoryCodeSequence')[0] ?? UNKNOWN,
    type: readCodes(item, 'SegmentedPropertyTypeCodeSequence')[0] ?? UNKNOWN,
    algorithm: readAlgorithm(item),
    ...present({
      description: item.string('SegmentDescription'),
      typeModifiers: someOf(typeItem && readCodes(typeItem, 'SegmentedPropertyTypeModifierCodeSequence')),
      anatomicRegion: readCodes(item, 'AnatomicRegionSequence')[0],
      anatomicRegionModifiers: someOf(regionItem && readCodes(regionItem, 'AnatomicRegionModifierSequence')),
      trackingId: item.string('TrackingID'),
      trackingUid: item.string('TrackingUID'),
      color: lab.length === 3 ? rgbOf(lab) : undefined,
    }),
  };
}

function readAlgorithm(item: DataSet): SegmentAlgorithm {
  const type = item.string('SegmentAlgorithmType');
  const [identified] = item.items('SegmentationAlgorithmIdentificationSequence');
  return {
    type: type === 'AUTOMATIC' || type === 'SEMIAUTOMATIC' ? type : 'MANUAL',
    ...present({
      name: item.string('SegmentAlgorithmName'),
      version: identified?.string('AlgorithmVersion'),
      family: identified && readCodes(identified, 'AlgorithmFamilyCodeSequence')[0],
    }),
  };
}

function someOf<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

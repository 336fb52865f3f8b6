import { UNICODE } from '../character-sets/encode-text.ts';
import { DataSet } from '../data-set/data-set.ts';
import { attributesInUnicode } from '../objects/attributes-in-unicode.ts';
import { readCodes } from '../objects/code-items.ts';
import { present } from '../objects/present.ts';
import type {
  ContentItem,
  ContentValue,
  GraphicType,
  GraphicType3d,
  InstanceReference,
  Relationship,
  TemporalRange,
} from './content-item.ts';

/** The content tree of a structured report of any kind, from its root container: PS3.3 C.17.3. */
export function readContentTree(dataSet: DataSet): ContentItem {
  const children = dataSet.items('ContentSequence').map(readContentTree);
  return {
    ...readValue(dataSet),
    ...present({
      relationship: dataSet.string('RelationshipType') as Relationship | undefined,
      name: readCodes(dataSet, 'ConceptNameCodeSequence')[0],
      observationUid: dataSet.string('ObservationUID'),
      children: children.length > 0 ? children : undefined,
    }),
  } as ContentItem;
}

function readValue(item: DataSet): ContentValue {
  const text = (name: 'TextValue' | 'Date' | 'Time' | 'DateTime' | 'UID' | 'PersonName'): string =>
    item.string(name) ?? '';
  const type = item.string('ValueType');
  switch (type) {
    case 'CONTAINER':
      return readContainer(item);
    case 'TEXT':
      return { type, text: text('TextValue') };
    case 'DATE':
      return { type, text: text('Date') };
    case 'TIME':
      return { type, text: text('Time') };
    case 'DATETIME':
      return { type, text: text('DateTime') };
    case 'UIDREF':
      return { type, text: text('UID') };
    case 'PNAME':
      return { type, text: text('PersonName') };
    case 'CODE':
      return { type, code: readCodes(item, 'ConceptCodeSequence')[0] ?? { value: '', scheme: '', meaning: '' } };
    case 'NUM':
      return readNumber(item);
    case 'IMAGE':
    case 'COMPOSITE':
    case 'WAVEFORM':
      return { type, instance: readReference(item) };
    case 'SCOORD':
      return { type, graphic: (item.string('GraphicType') ?? '') as GraphicType, points: item.numbers('GraphicData') };
    case 'SCOORD3D':
      return readCoordinates3d(item);
    case 'TCOORD':
      return readTimes(item);
    default:
      return readOther(item, type);
  }
}

function readContainer(item: DataSet): ContentValue {
  const continuity = item.string('ContinuityOfContent') === 'CONTINUOUS' ? 'CONTINUOUS' : 'SEPARATE';
  const template = item.items('ContentTemplateSequence')[0]?.string('TemplateIdentifier');
  return { type: 'CONTAINER', continuity, ...present({ template }) };
}

function readNumber(item: DataSet): ContentValue {
  const [measured] = item.items('MeasuredValueSequence');
  return {
    type: 'NUM',
    ...present({
      value: measured?.number('FloatingPointValue') ?? measured?.number('NumericValue'),
      unit: measured && readCodes(measured, 'MeasurementUnitsCodeSequence')[0],
      qualifier: readCodes(item, 'NumericValueQualifierCodeSequence')[0],
    }),
  };
}

function readReference(item: DataSet): InstanceReference {
  const [reference] = item.items('ReferencedSOPSequence');
  const some = (values: readonly number[] = []): readonly number[] | undefined =>
    values.length > 0 ? values : undefined;
  return {
    sopClassUid: reference?.string('ReferencedSOPClassUID') ?? '',
    sopInstanceUid: reference?.string('ReferencedSOPInstanceUID') ?? '',
    ...present({
      frames: some(reference?.numbers('ReferencedFrameNumber')),
      segments: some(reference?.numbers('ReferencedSegmentNumber')),
    }),
  };
}

function readCoordinates3d(item: DataSet): ContentValue {
  return {
    type: 'SCOORD3D',
    graphic: (item.string('GraphicType') ?? '') as GraphicType3d,
    points: item.numbers('GraphicData'),
    frameOfReferenceUid: item.string('ReferencedFrameOfReferenceUID') ?? '',
  };
}

function readTimes(item: DataSet): ContentValue {
  const some = <T>(values: readonly T[]): readonly T[] | undefined => (values.length > 0 ? values : undefined);
  return {
    type: 'TCOORD',
    range: (item.string('TemporalRangeType') ?? '') as TemporalRange,
    ...present({
      samples: some(item.numbers('ReferencedSamplePositions')),
      offsets: some(item.numbers('ReferencedTimeOffsets')),
      dateTimes: some(item.strings('ReferencedDateTime')),
    }),
  };
}

const OF_EVERY_ITEM = [
  'RelationshipType',
  'ValueType',
  'ConceptNameCodeSequence',
  'ObservationUID',
  'ContentSequence',
] as const;

function readOther(item: DataSet, valueType = ''): ContentValue {
  const target = item.numbers('ReferencedContentItemIdentifier');
  if (target.length > 0) return { type: 'REFERENCE', target };
  const own = item.without(...OF_EVERY_ITEM);
  return { type: 'OTHER', valueType, dataSet: new DataSet(attributesInUnicode(own, own.tags()), [UNICODE]) };
}

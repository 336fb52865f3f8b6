import { codeItems } from '../objects/code-items.ts';
import { createDataSet, type DataSetRecord } from '../objects/create-data-set.ts';
import type { ContentItem, ContentValue, InstanceReference } from './content-item.ts';

/** The attributes of an item and of all below it: PS3.3 C.17.3. */
export function contentRecord(item: ContentItem): DataSetRecord {
  const { relationship, name, observationUid, children = [] } = item;
  return {
    RelationshipType: relationship,
    ...(item.type === 'REFERENCE' ? {} : { ValueType: item.type === 'OTHER' ? item.valueType : item.type }),
    ConceptNameCodeSequence: codeItems(name),
    ObservationUID: observationUid,
    ...valueRecord(item),
    ContentSequence: children.length === 0 ? undefined : children.map(contentItem),
  };
}

function contentItem(item: ContentItem) {
  const own = createDataSet(contentRecord(item));
  return item.type === 'OTHER' ? own.with(...[...item.dataSet].filter(({ tag }) => !own.has(tag))) : own;
}

function valueRecord(item: ContentValue): DataSetRecord {
  switch (item.type) {
    case 'CONTAINER':
      return {
        ContinuityOfContent: item.continuity ?? 'SEPARATE',
        ContentTemplateSequence: templateItems(item.template),
      };
    case 'TEXT':
      return { TextValue: item.text };
    case 'DATE':
      return { Date: item.text };
    case 'TIME':
      return { Time: item.text };
    case 'DATETIME':
      return { DateTime: item.text };
    case 'UIDREF':
      return { UID: item.text };
    case 'PNAME':
      return { PersonName: item.text };
    case 'CODE':
      return { ConceptCodeSequence: codeItems(item.code) };
    case 'NUM':
      return numberRecord(item);
    case 'IMAGE':
    case 'COMPOSITE':
    case 'WAVEFORM':
      return { ReferencedSOPSequence: [referenceItem(item.instance)] };
    case 'SCOORD':
      return { GraphicType: item.graphic, GraphicData: item.points };
    case 'SCOORD3D':
      return {
        GraphicType: item.graphic,
        GraphicData: item.points,
        ReferencedFrameOfReferenceUID: item.frameOfReferenceUid,
      };
    case 'TCOORD':
      return {
        TemporalRangeType: item.range,
        ReferencedSamplePositions: item.samples,
        ReferencedTimeOffsets: item.offsets,
        ReferencedDateTime: item.dateTimes,
      };
    case 'REFERENCE':
      return { ReferencedContentItemIdentifier: item.target };
    case 'OTHER':
      return {};
  }
}

function templateItems(template: string | undefined): DataSetRecord[] | undefined {
  return template === undefined ? undefined : [{ MappingResource: 'DCMR', TemplateIdentifier: template }];
}

function numberRecord({ value, unit, qualifier }: Extract<ContentValue, { type: 'NUM' }>): DataSetRecord {
  const measured = {
    MeasurementUnitsCodeSequence: codeItems(unit),
    NumericValue: value,
    // DS rounds to 16 characters; the double keeps what was measured.
    FloatingPointValue: value !== undefined && String(value).length > 16 ? value : undefined,
  };
  return {
    MeasuredValueSequence: value === undefined ? [] : [measured],
    NumericValueQualifierCodeSequence: codeItems(qualifier),
  };
}

function referenceItem({ sopClassUid, sopInstanceUid, frames, segments }: InstanceReference): DataSetRecord {
  return {
    ReferencedSOPClassUID: sopClassUid,
    ReferencedSOPInstanceUID: sopInstanceUid,
    ReferencedFrameNumber: frames === undefined ? undefined : [...frames],
    ReferencedSegmentNumber: segments === undefined ? undefined : [...segments],
  };
}

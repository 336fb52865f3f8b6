import { VesaliusError } from '@vesalius/errors';
import type { Code } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import { type BuildStructuredReportOptions, buildStructuredReport } from './build-structured-report.ts';
import { CONCEPTS } from './concepts.ts';
import type { ContentItem, ContentValue, Relationship } from './content-item.ts';
import type {
  Evaluation,
  FindingSite,
  MeasuredRegion,
  Measurement,
  MeasurementGroup,
  MeasurementReport,
  Observer,
} from './measurement-report.ts';

export interface BuildMeasurementReportOptions extends Omit<BuildStructuredReportOptions, 'content'> {
  readonly report: MeasurementReport;
}

/**
 * An imaging measurement report.
 *
 * @throws INVALID_ARGUMENT for a segment without its source, a number without its unit, or a report without observer
 * @source PS3.16 TID 1500
 */
export function buildMeasurementReport({ report, ...options }: BuildMeasurementReportOptions): DataSet {
  return buildStructuredReport({ ...options, content: reportContent(report) });
}

type Children = readonly ContentItem[];

function item(relationship: Relationship, name: Code, value: ContentValue, children: Children = []): ContentItem {
  return { relationship, name, ...value, ...(children.length > 0 ? { children } : {}) };
}

const code = (relationship: Relationship, name: Code, value: Code | undefined, children?: Children): Children =>
  value === undefined ? [] : [item(relationship, name, { type: 'CODE', code: value }, children)];

const text = (relationship: Relationship, name: Code, value: string | undefined): Children =>
  value === undefined ? [] : [item(relationship, name, { type: 'TEXT', text: value })];

function reportContent(report: MeasurementReport): ContentItem {
  const { title, language = 'en-US', observers, procedure, images = [], groups } = report;
  if (observers.length === 0)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'observers of a report',
      got: 'none',
      expected: 'at least one',
    });
  const spoken: Code = { value: language, scheme: 'RFC5646', meaning: language };
  return {
    type: 'CONTAINER',
    name: title ?? CONCEPTS.report,
    template: '1500',
    children: [
      ...code('HAS CONCEPT MOD', CONCEPTS.language, spoken),
      ...observers.flatMap(observerContent),
      ...code('HAS CONCEPT MOD', CONCEPTS.procedure, procedure),
      ...library(images),
      item('CONTAINS', CONCEPTS.measurements, { type: 'CONTAINER' }, groups.map(groupContent)),
    ],
  };
}

function observerContent(observer: Observer): Children {
  const context = 'HAS OBS CONTEXT';
  if (observer.kind === 'person') {
    const name: ContentValue = { type: 'PNAME', text: observer.name };
    return [...code(context, CONCEPTS.observerType, CONCEPTS.person), item(context, CONCEPTS.personName, name)];
  }
  return [
    ...code(context, CONCEPTS.observerType, CONCEPTS.device),
    item(context, CONCEPTS.deviceUid, { type: 'UIDREF', text: observer.uid }),
    ...text(context, CONCEPTS.deviceName, observer.name),
    ...text(context, CONCEPTS.deviceManufacturer, observer.manufacturer),
    ...text(context, CONCEPTS.deviceModel, observer.model),
    ...text(context, CONCEPTS.deviceSerialNumber, observer.serialNumber),
  ];
}

function library(images: NonNullable<MeasurementReport['images']>): Children {
  if (images.length === 0) return [];
  const entries: Children = images.map((instance) => ({ type: 'IMAGE', relationship: 'CONTAINS', instance }));
  const group = item('CONTAINS', CONCEPTS.imageLibraryGroup, { type: 'CONTAINER' }, entries);
  return [item('CONTAINS', CONCEPTS.imageLibrary, { type: 'CONTAINER' }, [group])];
}

function groupContent(group: MeasurementGroup): ContentItem {
  const { findingSites = [], regions = [], measurements = [], evaluations = [] } = group;
  return item('CONTAINS', CONCEPTS.group, { type: 'CONTAINER', template: templateOf(regions) }, [
    ...text('HAS OBS CONTEXT', CONCEPTS.trackingId, group.trackingId),
    item('HAS OBS CONTEXT', CONCEPTS.trackingUid, { type: 'UIDREF', text: group.trackingUid }),
    ...code('CONTAINS', CONCEPTS.findingCategory, group.findingCategory),
    ...code('CONTAINS', CONCEPTS.finding, group.finding),
    ...code('HAS CONCEPT MOD', CONCEPTS.method, group.method),
    ...findingSites.flatMap(siteContent),
    ...regions.flatMap(regionContent),
    ...measurements.map(measurementContent),
    ...evaluations.map(evaluationContent),
  ]);
}

/** TID 1410 is of one shape, 1411 of a volume, 1501 of whole images. */
function templateOf(regions: readonly MeasuredRegion[]): string {
  if (regions.length === 0) return '1501';
  return regions.length === 1 && regions[0]?.kind !== 'segment' ? '1410' : '1411';
}

function siteContent({ site, laterality, modifier }: FindingSite): Children {
  return code('CONTAINS', CONCEPTS.findingSite, site, [
    ...code('HAS CONCEPT MOD', CONCEPTS.laterality, laterality),
    ...code('HAS CONCEPT MOD', CONCEPTS.siteModifier, modifier),
  ]);
}

function regionContent(region: MeasuredRegion): Children {
  if (region.kind === 'segment') return segmentContent(region);
  if (region.kind === 'patient') {
    const { graphic, points, frameOfReferenceUid } = region;
    return [item('CONTAINS', CONCEPTS.region, { type: 'SCOORD3D', graphic, points, frameOfReferenceUid })];
  }
  const { graphic, points, image } = region;
  const selected = item('SELECTED FROM', CONCEPTS.source, { type: 'IMAGE', instance: image });
  return [item('CONTAINS', CONCEPTS.region, { type: 'SCOORD', graphic, points }, [selected])];
}

function segmentContent({
  segment,
  sourceImages = [],
  sourceSeriesUid,
}: Extract<MeasuredRegion, { kind: 'segment' }>): Children {
  if (sourceImages.length === 0 && sourceSeriesUid === undefined)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'source images or series of a measured segment', got: 'none' });
  const series: Children =
    sourceSeriesUid === undefined
      ? []
      : [item('CONTAINS', CONCEPTS.sourceSeries, { type: 'UIDREF', text: sourceSeriesUid })];
  return [
    item('CONTAINS', CONCEPTS.segment, { type: 'IMAGE', instance: segment }),
    ...sourceImages.map((instance) => item('CONTAINS', CONCEPTS.sourceImage, { type: 'IMAGE', instance })),
    ...series,
  ];
}

function measurementContent({ name, method, derivation, ...number }: Measurement): ContentItem {
  if (number.value !== undefined && number.unit === undefined)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'unit of a measurement',
      got: 'none',
      expected: 'a UCUM code',
    });
  return item('CONTAINS', name, { type: 'NUM', ...number }, [
    ...code('HAS CONCEPT MOD', CONCEPTS.method, method),
    ...code('HAS CONCEPT MOD', CONCEPTS.derivation, derivation),
  ]);
}

function evaluationContent({ name, value }: Evaluation): ContentItem {
  return item(
    'CONTAINS',
    name,
    typeof value === 'string' ? { type: 'TEXT', text: value } : { type: 'CODE', code: value },
  );
}

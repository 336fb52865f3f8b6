import { codeNamed } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import { createUid } from '../objects/create-uid.ts';
import { readSegment } from '../segmentation/segment.ts';
import { buildMeasurementReport } from './build-measurement-report.ts';
import type { BuildStructuredReportOptions } from './build-structured-report.ts';
import type { MeasurementGroup, Observer } from './measurement-report.ts';

const VOLUME = codeNamed('SCT', 'Volume');

export interface ReportSegmentationOptions extends Omit<BuildStructuredReportOptions, 'content' | 'evidence'> {
  /** A segmentation object; pixel data are not needed. */
  readonly segmentation: DataSet;
  readonly observers: readonly Observer[];
  /** Of each segment, by its number; a segment without one is left out. */
  readonly volumesMm3: ReadonlyMap<number, number>;
}

/**
 * A measurement report of a segmentation: the volume of each segment.
 *
 * @throws as `buildMeasurementReport`
 * @source PS3.16 TID 1500, 1411
 */
export function reportSegmentation(options: ReportSegmentationOptions): DataSet {
  const { segmentation, observers, volumesMm3, ...more } = options;
  const segments = segmentation.items('SegmentSequence').map(readSegment);
  const [series] = segmentation.items('ReferencedSeriesSequence');
  const sourceSeriesUid = series?.string('SeriesInstanceUID');
  const segmentOf = (number: number) => ({
    kind: 'segment' as const,
    segment: {
      sopClassUid: segmentation.string('SOPClassUID') ?? '',
      sopInstanceUid: segmentation.string('SOPInstanceUID') ?? '',
      segments: [number],
    },
    ...(sourceSeriesUid !== undefined && { sourceSeriesUid }),
  });
  const groups = segments.flatMap(({ number, label, type, anatomicRegion, trackingUid }): MeasurementGroup[] => {
    const mm3 = volumesMm3.get(number);
    if (mm3 === undefined) return [];
    const volume = {
      name: VOLUME,
      value: Number((mm3 / 1000).toPrecision(6)),
      unit: codeNamed('UCUM', 'CubicCentimeter'),
    };
    return [
      {
        trackingId: label,
        trackingUid: trackingUid ?? createUid(),
        finding: type,
        ...(anatomicRegion && { findingSites: [{ site: anatomicRegion }] }),
        regions: [segmentOf(number)],
        measurements: [volume],
      },
    ];
  });
  return buildMeasurementReport({ ...more, evidence: [segmentation], report: { observers, groups } });
}

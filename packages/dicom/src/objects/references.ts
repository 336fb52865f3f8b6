import type { DataSet } from '../data-set/data-set.ts';
import type { DataSetRecord } from './create-data-set.ts';

/** The SOP Instance Reference macro: PS3.3 table 10-11. */
export function instanceReference(dataSet: DataSet): DataSetRecord {
  return {
    ReferencedSOPClassUID: dataSet.string('SOPClassUID') ?? '',
    ReferencedSOPInstanceUID: dataSet.string('SOPInstanceUID') ?? '',
  };
}

/** Instances by their series: the items of `ReferencedSeriesSequence`, those of each instance under the name asked for. */
export function seriesReferences(
  instances: readonly DataSet[],
  name: 'ReferencedInstanceSequence' | 'ReferencedSOPSequence' | 'ReferencedImageSequence',
): DataSetRecord[] {
  const bySeries = Map.groupBy(uniqueInstances(instances), (one) => one.string('SeriesInstanceUID') ?? '');
  return [...bySeries].map(([uid, members]) => ({ SeriesInstanceUID: uid, [name]: members.map(instanceReference) }));
}

/** The Hierarchical SOP Instance Reference macro: PS3.3 table C.17-3. */
export function studyReferences(instances: readonly DataSet[]): DataSetRecord[] {
  const byStudy = Map.groupBy(instances, (one) => one.string('StudyInstanceUID') ?? '');
  return [...byStudy].map(([uid, members]) => ({
    StudyInstanceUID: uid,
    ReferencedSeriesSequence: seriesReferences(members, 'ReferencedSOPSequence'),
  }));
}

function uniqueInstances(instances: readonly DataSet[]): DataSet[] {
  return [...new Map(instances.map((one) => [one.string('SOPInstanceUID'), one])).values()];
}

/**
 * The body part, and the side of a paired one: PS3.3 C.7.3.1. An empty side beside a part says nothing, and many writers have it
 * beside parts that are not paired, where it may not be; where no part is named, the side is unknown.
 */
export function lateralityAttributes([first]: readonly DataSet[]): DataSetRecord {
  const part = first?.string('BodyPartExamined');
  return { BodyPartExamined: part, Laterality: first?.string('Laterality') ?? (part === undefined ? null : undefined) };
}

/** Of one frame among several; an image of one frame is meant as a whole. */
export function frameNumber(dataSet: DataSet, frame: number): number | undefined {
  return (dataSet.number('NumberOfFrames') ?? 1) > 1 ? frame + 1 : undefined;
}

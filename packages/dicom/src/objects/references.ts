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

/** The side of a paired organ, where the source states it: PS3.3 C.7.3.1; empty where it does not. */
export function lateralityAttributes([first]: readonly DataSet[]): DataSetRecord {
  return {
    BodyPartExamined: first?.string('BodyPartExamined'),
    Laterality: first?.string('Laterality') ?? null,
  };
}

import type { DicomJson } from '@vesalius/dicom';
import { patientId, type SeriesContent, type StudyContent } from '@vesalius/fhir';
import type { Kysely } from 'kysely';
import type { ArchiveTables } from '../store/tables.ts';

/** A study as the archive's index knows it, with the project it is in. */
export interface ArchivedStudy extends StudyContent {
  readonly project: string;
}

interface ReadOptions {
  /** Instances are given of studies that have no more than this. */
  readonly mostInstances: number;
}

/** Reads studies with their series, and instances where they are few. */
export async function readStudies(
  tables: Kysely<ArchiveTables>,
  uids: readonly string[],
  { mostInstances }: ReadOptions,
): Promise<Map<string, ArchivedStudy>> {
  if (uids.length === 0) return new Map();
  const studies = await tables.selectFrom('study').selectAll().where('uid', 'in', uids).execute();
  const ids = studies.map(({ id }) => id);
  const small = studies.filter((each) => each.instance_count <= mostInstances).map(({ id }) => id);
  const series = ids.length === 0 ? [] : await seriesOf(tables, ids);
  const instances = small.length === 0 ? [] : await instancesOf(tables, small);
  const bySeries = Map.groupBy(instances, (each) => each.series_id);
  const byStudy = Map.groupBy(series, (each) => each.study_id);
  return new Map(
    studies.map((study) => {
      const attributes = JSON.parse(study.attributes) as DicomJson;
      const content: ArchivedStudy = {
        uid: study.uid,
        project: study.project,
        patient: patientId(study.project, attributes),
        attributes,
        instanceCount: study.instance_count,
        series: (byStudy.get(study.id) ?? []).map(
          (each): SeriesContent => ({
            uid: each.uid,
            number: each.number,
            attributes: JSON.parse(each.attributes) as DicomJson,
            instanceCount: each.instance_count,
            ...(bySeries.has(each.id) && { instances: bySeries.get(each.id) ?? [] }),
          }),
        ),
      };
      return [study.uid, content];
    }),
  );
}

const seriesOf = (tables: Kysely<ArchiveTables>, studies: readonly number[]) =>
  tables
    .selectFrom('series')
    .select(['id', 'study_id', 'uid', 'number', 'attributes', 'instance_count'])
    .where('study_id', 'in', studies)
    .orderBy('number')
    .orderBy('uid')
    .execute();

const instancesOf = (tables: Kysely<ArchiveTables>, studies: readonly number[]) =>
  tables
    .selectFrom('instance')
    .select(['series_id', 'uid', 'class_uid as classUid', 'number'])
    .where('study_id', 'in', studies)
    .orderBy('number')
    .orderBy('uid')
    .execute();

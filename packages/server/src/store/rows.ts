import type { DicomJson, JsonName } from '@vesalius/dicom';
import type { Insertable } from 'kysely';
import { attributesOf, textOf, wholeNumberOf } from './attribute-levels.ts';
import type { IncomingInstance } from './read-incoming.ts';
import { nameWords, searchName } from './search-name.ts';
import { searchDate, searchTime } from './search-time.ts';
import type { InstanceTable, SeriesTable, StudyTable } from './tables.ts';

type Row<Table, Left extends keyof Insertable<Table>> = Omit<Insertable<Table>, Left | 'id'>;

const name = (dataSet: DicomJson, tag: string): JsonName => (dataSet[tag]?.Value?.[0] ?? {}) as JsonName;
const text = (dataSet: DicomJson, tag: string): string | null => textOf(dataSet, tag) ?? null;
const date = (dataSet: DicomJson, tag: string): string | null => mapped(textOf(dataSet, tag), searchDate);
const time = (dataSet: DicomJson, tag: string): string | null => mapped(textOf(dataSet, tag), searchTime);

function mapped(value: string | undefined, change: (value: string) => string): string | null {
  return value === undefined ? null : change(value);
}

/** The row of a study as its first instance tells it. */
export function studyRow({ dataSet }: IncomingInstance): Row<StudyTable, 'uid' | 'project' | 'stored_at'> {
  const patient = name(dataSet, '00100010');
  return {
    patient_id: text(dataSet, '00100020'),
    issuer_of_patient_id: text(dataSet, '00100021'),
    name_alphabetic: mapped(patient.Alphabetic, searchName),
    name_ideographic: mapped(patient.Ideographic, searchName),
    name_phonetic: mapped(patient.Phonetic, searchName),
    referring_physician: mapped(name(dataSet, '00080090').Alphabetic, searchName),
    birth_date: date(dataSet, '00100030'),
    sex: text(dataSet, '00100040'),
    study_date: date(dataSet, '00080020'),
    study_time: time(dataSet, '00080030'),
    accession_number: text(dataSet, '00080050'),
    study_id: text(dataSet, '00200010'),
    description: text(dataSet, '00081030'),
    attributes: JSON.stringify(attributesOf('STUDY', dataSet)),
    series_count: 0,
    instance_count: 0,
    bytes: 0,
  };
}

/** Names that are searched by the beginnings of their words. */
const WORD_TAGS = ['00100010', '00080090'];

export function studyWords({ dataSet }: IncomingInstance): { tag: string; word: string }[] {
  return WORD_TAGS.flatMap((tag) => {
    const groups = Object.values(name(dataSet, tag)) as string[];
    return nameWords(groups.join(' ')).map((word) => ({ tag, word }));
  });
}

export function seriesRow({ dataSet }: IncomingInstance): Row<SeriesTable, 'uid' | 'study_id'> {
  return {
    modality: text(dataSet, '00080060'),
    number: wholeNumberOf(dataSet, '00200011') ?? null,
    description: text(dataSet, '0008103E'),
    body_part: text(dataSet, '00180015'),
    performed_date: date(dataSet, '00400244'),
    performed_time: time(dataSet, '00400245'),
    requested_procedures: requestValues(dataSet, '00401001'),
    scheduled_steps: requestValues(dataSet, '00400009'),
    attributes: JSON.stringify(attributesOf('SERIES', dataSet)),
    instance_count: 0,
  };
}

function requestValues(dataSet: DicomJson, tag: string): string | null {
  const items = (dataSet['00400275']?.Value ?? []) as readonly DicomJson[];
  const values = items.flatMap((item) => textOf(item, tag) ?? []);
  return values.length === 0 ? null : `\\${values.join('\\')}\\`;
}

type FileFields = 'series_id' | 'study_id' | 'size_bytes' | 'sha256' | 'stored_at';

export function instanceRow(instance: IncomingInstance): Row<InstanceTable, FileFields> {
  const { dataSet, sopInstanceUid, sopClassUid, transferSyntaxUid, frames } = instance;
  return {
    uid: sopInstanceUid,
    class_uid: sopClassUid,
    transfer_syntax_uid: transferSyntaxUid,
    number: wholeNumberOf(dataSet, '00200013') ?? null,
    frames,
    rows: wholeNumberOf(dataSet, '00280010') ?? null,
    columns: wholeNumberOf(dataSet, '00280011') ?? null,
    bits_allocated: wholeNumberOf(dataSet, '00280100') ?? null,
  };
}

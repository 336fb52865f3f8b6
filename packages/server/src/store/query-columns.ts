import type { Level } from './archive.ts';

/** How a key is compared: PS3.4 C.2.2.2. */
export type KeyKind = 'text' | 'code' | 'uid' | 'date' | 'time' | 'number' | 'name' | 'request' | 'modalities';

export interface QueryColumn {
  readonly kind: KeyKind;
  readonly level: Exclude<Level, 'PATIENT'>;
  /** With its table. */
  readonly column: string;
}

const column = (kind: KeyKind, level: QueryColumn['level'], name: string): QueryColumn => ({
  kind,
  level,
  column: `${{ STUDY: 'study', SERIES: 'series', IMAGE: 'instance' }[level]}.${name}`,
});

/** The attributes that can be matched, by tag: PS3.18 tables 10.6.1-5, PS3.4 C.6.1 and C.6.2. */
const QUERY_COLUMNS: Readonly<Record<string, QueryColumn>> = {
  '00100010': column('name', 'STUDY', 'name'),
  '00100020': column('text', 'STUDY', 'patient_id'),
  '00100021': column('text', 'STUDY', 'issuer_of_patient_id'),
  '00100030': column('date', 'STUDY', 'birth_date'),
  '00100040': column('code', 'STUDY', 'sex'),
  '00080020': column('date', 'STUDY', 'study_date'),
  '00080030': column('time', 'STUDY', 'study_time'),
  '00080050': column('text', 'STUDY', 'accession_number'),
  '00080061': column('modalities', 'STUDY', 'id'),
  '00080090': column('name', 'STUDY', 'referring_physician'),
  '00081030': column('text', 'STUDY', 'description'),
  '0020000D': column('uid', 'STUDY', 'uid'),
  '00200010': column('text', 'STUDY', 'study_id'),
  '00080060': column('code', 'SERIES', 'modality'),
  '0008103E': column('text', 'SERIES', 'description'),
  '00180015': column('code', 'SERIES', 'body_part'),
  '0020000E': column('uid', 'SERIES', 'uid'),
  '00200011': column('number', 'SERIES', 'number'),
  '00400244': column('date', 'SERIES', 'performed_date'),
  '00400245': column('time', 'SERIES', 'performed_time'),
  '00400275.00400009': column('request', 'SERIES', 'scheduled_steps'),
  '00400275.00401001': column('request', 'SERIES', 'requested_procedures'),
  '00080016': column('uid', 'IMAGE', 'class_uid'),
  '00080018': column('uid', 'IMAGE', 'uid'),
  '00200013': column('number', 'IMAGE', 'number'),
  '00280008': column('number', 'IMAGE', 'frames'),
  '00280010': column('number', 'IMAGE', 'rows'),
  '00280011': column('number', 'IMAGE', 'columns'),
  '00280100': column('number', 'IMAGE', 'bits_allocated'),
};

const DEPTH: Readonly<Record<Level, number>> = { PATIENT: 0, STUDY: 0, SERIES: 1, IMAGE: 2 };

/** The column of a key at a level or above it. */
export function queryColumn(tag: string, level: Level): QueryColumn | undefined {
  const found = QUERY_COLUMNS[tag];
  return found && DEPTH[found.level] <= DEPTH[level] ? found : undefined;
}

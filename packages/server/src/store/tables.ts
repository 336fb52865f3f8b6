import type { Generated } from 'kysely';

/** The index of the archive. Attributes are DICOM JSON; dates and times stand as DICOM writes them, times filled up to the microsecond. */
export interface ArchiveTables {
  study: StudyTable;
  study_word: StudyWordTable;
  series: SeriesTable;
  instance: InstanceTable;
  instance_metadata: { instance_id: number; json: Uint8Array };
}

export interface StudyTable {
  id: Generated<number>;
  uid: string;
  project: string;
  patient_id: string | null;
  issuer_of_patient_id: string | null;
  /** Each group of a name by itself, as `searchName` leaves it. */
  name_alphabetic: string | null;
  name_ideographic: string | null;
  name_phonetic: string | null;
  referring_physician: string | null;
  birth_date: string | null;
  sex: string | null;
  study_date: string | null;
  study_time: string | null;
  accession_number: string | null;
  study_id: string | null;
  description: string | null;
  attributes: string;
  series_count: number;
  instance_count: number;
  bytes: number;
  stored_at: string;
}

/** Words of names, for search by their beginnings. */
export interface StudyWordTable {
  study_id: number;
  /** The name's tag: `00100010`. */
  tag: string;
  word: string;
}

export interface SeriesTable {
  id: Generated<number>;
  uid: string;
  study_id: number;
  modality: string | null;
  number: number | null;
  description: string | null;
  body_part: string | null;
  performed_date: string | null;
  performed_time: string | null;
  /** Of the requests, between backslashes: `\\A1\\A2\\`. */
  requested_procedures: string | null;
  scheduled_steps: string | null;
  attributes: string;
  instance_count: number;
}

export interface InstanceTable {
  id: Generated<number>;
  uid: string;
  series_id: number;
  study_id: number;
  class_uid: string;
  transfer_syntax_uid: string;
  number: number | null;
  frames: number;
  rows: number | null;
  columns: number | null;
  bits_allocated: number | null;
  size_bytes: number;
  sha256: string;
  stored_at: string;
}

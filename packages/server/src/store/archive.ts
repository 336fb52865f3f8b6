import type { Readable } from 'node:stream';
import type { DicomJson, RandomAccess } from '@vesalius/dicom';
import type { Transaction } from 'kysely';

/** Whose data a request may touch. */
export interface Access {
  /** Ids of projects. */
  readonly projects: 'all' | readonly string[];
}

/** By what way an instance came in, from whom: the called and calling AE, the address, the folder. Never patient data. */
export interface Source {
  readonly kind: 'stow' | 'dimse' | 'import' | 'pull' | 'product';
  readonly from: string;
}

export interface StoreOptions {
  readonly source: Source;
  /** The project a new study is put into; a study that is there keeps its own. */
  readonly project: string;
  readonly access: Access;
  /** The study all must belong to: PS3.18 10.5.1.1. */
  readonly study?: string;
  readonly signal?: AbortSignal;
}

/** An instance and where it belongs. */
export interface InstanceKey {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
}

/**
 * What became of an instance. `present`: the same bytes were there before. `refused` carries the standard's reason, the same number in
 * DIMSE (PS3.4 B.2.3) and STOW (PS3.18 10.5.3.2).
 */
export type StoreOutcome =
  | { readonly status: 'stored' | 'present'; readonly instance: InstanceKey; readonly warnings: readonly string[] }
  | {
      readonly status: 'refused';
      readonly reason: RefusalReason;
      /** For a person; never patient data. */
      readonly what: string;
      readonly sopClassUid?: string;
      readonly sopInstanceUid?: string;
    };

/** (0008,1197) FailureReason and the C-STORE status of each refusal. */
export const REFUSALS = {
  /** Other bytes under a SOP Instance UID that is there: the first stay. */
  'duplicate instance': 0x0111,
  'not authorized': 0x0124,
  'out of resources': 0xa700,
  /** The study asked for is another than the instance's. */
  'wrong study': 0xa900,
  'class not supported': 0x0122,
  /** Not DICOM, or without the UIDs that tell what it is. */
  'cannot understand': 0xc000,
  'processing failure': 0x0110,
} as const;

export type RefusalReason = keyof typeof REFUSALS;

export type Level = 'PATIENT' | 'STUDY' | 'SERIES' | 'IMAGE';

/** One key of a query: the text a client wrote, still to be understood by the attribute's VR. An empty text matches all. */
export interface MatchKey {
  /** Eight digits, `00100010`; a path into a sequence has dots: `00400275.00400009`. */
  readonly tag: string;
  readonly value: string;
}

/** A search by PS3.4 C.2.2.2: single value, list of UIDs, wildcard, range, universal, sequence; the same for QIDO-RS and C-FIND. */
export interface ArchiveQuery {
  readonly level: Level;
  readonly match: readonly MatchKey[];
  /** What to give back besides the attributes the standard requires of the level. */
  readonly include?: 'all' | readonly string[];
  /** Person names by the beginning of their words, without case and accents: PS3.18 8.3.4.2. */
  readonly fuzzy?: boolean;
  readonly offset?: number;
  readonly limit?: number;
  readonly access: Access;
  readonly signal?: AbortSignal;
}

export interface ArchiveAnswer {
  readonly matches: readonly DicomJson[];
  /** More stand behind `limit`. */
  readonly more: boolean;
  /** Keys that were not matched because this level has no such attribute here: the client is told. */
  readonly ignored: readonly string[];
  /** `fuzzy` was asked for and could not be given to some key. */
  readonly notFuzzy: readonly string[];
}

/** A study, a series of it, or an instance of that. */
export interface Scope {
  readonly study: string;
  readonly series?: string;
  readonly instance?: string;
}

/** What the index knows of one instance, enough to send or open it. */
export interface InstanceRecord extends InstanceKey {
  readonly project: string;
  readonly transferSyntaxUid: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly instanceNumber?: number;
  /** 1 for single-frame images, 0 without pixels. */
  readonly frames: number;
  readonly storedAt: string;
}

/** A change of the archive, told within the transaction that makes it: what a listener writes there stands or falls with it. */
export interface ArchiveChange {
  /** `moved`: into another project, which the instance's record names. */
  readonly kind: 'stored' | 'removed' | 'moved';
  readonly instance: InstanceRecord;
  /** The data set without pixels and other bulk; nothing but for `stored`. */
  readonly attributes: DicomJson;
  readonly source?: Source;
}

export type ArchiveListener = (transaction: Transaction<unknown>, changes: readonly ArchiveChange[]) => Promise<void>;

/** A disagreement between index and files. */
export interface Finding {
  readonly kind: 'object missing' | 'object differs' | 'object without row' | 'counts differ' | 'leftover';
  readonly what: string;
  readonly repaired: boolean;
}

export interface ArchiveStatistics {
  readonly patients: number;
  readonly studies: number;
  readonly series: number;
  readonly instances: number;
  readonly bytes: number;
}

/**
 * Where instances are kept: bytes as they came in an object store, what is searched in the index. An instance is acknowledged only when
 * both would survive the loss of power.
 */
export interface Archive {
  /** Takes one Part 10 file; the bytes are kept as they are. A refusal is an answer, never an exception. */
  store(file: Uint8Array | AsyncIterable<Uint8Array>, options: StoreOptions): Promise<StoreOutcome>;
  find(query: ArchiveQuery): Promise<ArchiveAnswer>;
  /** By series number and UID, then instance number and UID; none where there is nothing or no access. */
  instances(scope: Scope, access: Access): Promise<readonly InstanceRecord[]>;
  /** The file, read in parts. @throws FILE_NOT_FOUND */
  open(instance: InstanceRecord): RandomAccess;
  /** The file, from first byte to last. */
  stream(instance: InstanceRecord): Readable;
  /** The data sets without pixels, in the order asked; bulk data have no `BulkDataURI` yet. */
  metadata(instances: readonly InstanceRecord[]): AsyncIterable<DicomJson>;
  /** @returns what was removed; the bytes go when nothing else needs them. */
  remove(scope: Scope, access: Access): Promise<readonly InstanceRecord[]>;
  /** Of the studies that may be seen, the project of each. */
  projectsOf(studies: readonly string[], access: Access): Promise<ReadonlyMap<string, string>>;
  /** Puts a study into another project. @returns false where there is none */
  assign(study: string, project: string): Promise<boolean>;
  onChange(listener: ArchiveListener): void;
  /** Compares index and objects; with `deep` every byte is hashed again. */
  verify(options?: { readonly repair?: boolean; readonly deep?: boolean }): AsyncIterable<Finding>;
  statistics(access: Access): Promise<ArchiveStatistics>;
}

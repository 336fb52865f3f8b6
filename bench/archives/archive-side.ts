/** A running archive that is measured: ours or a peer's, by the same client. */
export interface ArchiveSide {
  readonly name: string;
  /** Of DICOMweb, without a slash at its end. */
  readonly dicomWeb: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dimsePort: number;
  readonly aeTitle: string;
  readonly pid: number;
  /** From the start of the process to the first query that was answered. */
  readonly startMs: number;
  close(): Promise<void>;
}

/** An archive with a folder of its own: started, ended and started again. */
export interface ArchiveProgram {
  readonly name: string;
  start(): Promise<ArchiveSide>;
}

/** What a file was when it was read. */
export interface FileRecord {
  /** Relative to the data folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

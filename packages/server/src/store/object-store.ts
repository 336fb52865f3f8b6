import type { Readable } from 'node:stream';

/**
 * Bytes under keys such as `sha256/4f/4fc3…`, never changed once they are there. `put` answers when the bytes would survive the loss of
 * power.
 *
 * One contract, two implementations (files, S3-compatible objects), one suite of tests.
 */
export interface ObjectStore {
  /**
   * Begins an object whose key is not known until its last byte is: nothing is visible before `commit`.
   *
   * @throws DISK_FULL, WRITE_FAILED
   */
  begin(): Promise<PendingObject>;
  /** @throws FILE_NOT_FOUND */
  size(key: string): Promise<number>;
  /** The bytes from `start` to `end`, all of them without a range. @throws FILE_NOT_FOUND */
  read(key: string, range?: { readonly start: number; readonly end: number }): Promise<Buffer>;
  /** @throws FILE_NOT_FOUND, when reading begins */
  stream(key: string): Readable;
  remove(key: string): Promise<void>;
  keys(prefix: string): AsyncIterable<string>;
  /** Bytes free, where that can be known. */
  room(): Promise<number | undefined>;
  close(): Promise<void>;
}

/** An object on its way in. */
export interface PendingObject {
  write(bytes: Uint8Array): Promise<void>;
  /** Makes it durable and visible under a key; one that is there already stays as it is. */
  commit(key: string): Promise<void>;
  /** Leaves nothing behind. Does nothing after `commit`. */
  discard(): Promise<void>;
}

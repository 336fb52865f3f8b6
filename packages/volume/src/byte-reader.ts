import { VesaliusError } from '@vesalius/errors';
import type { Bytes } from './byte-stream.ts';

/**
 * Reads exact numbers of bytes from a stream, inflating gzip when `gunzip` was called.
 *
 * Gzip data that end too early read as the end of the stream. Errors: FILE_FORMAT when gzip data are damaged,
 * FILE_UNSUPPORTED for several gzip members in one file, FILE_UNREADABLE when the stream itself fails.
 */
export class ByteReader {
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  #inflating = false;
  #truncated = false;
  readonly #file: { file?: string };

  constructor(stream: ReadableStream<Uint8Array>, file?: string) {
    this.#reader = stream.getReader();
    this.#file = file === undefined ? {} : { file };
  }

  /** Fills the target; returns less than its length only at the end of the stream. */
  async read(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length && (await this.#ready())) {
      const part = this.#rest.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return filled;
  }

  /** Passes over bytes; returns how many there were. */
  async skip(count: number): Promise<number> {
    let skipped = 0;
    while (skipped < count && (await this.#ready())) {
      const part = Math.min(this.#rest.length, count - skipped);
      this.#rest = this.#rest.subarray(part);
      skipped += part;
    }
    return skipped;
  }

  /** True when the coming bytes are gzip, which are then inflated. */
  async gunzipIfNeeded(): Promise<boolean> {
    const magic = new Uint8Array(2);
    const got = await this.read(magic);
    this.#rest = concat(magic.subarray(0, got), this.#rest);
    if (magic[0] !== 0x1f || magic[1] !== 0x8b) return false;
    this.gunzip();
    return true;
  }

  gunzip(): void {
    const [first, source] = [this.#rest, this.#reader];
    let sent = false;
    const pull = async (controller: ReadableStreamDefaultController<Bytes>): Promise<void> => {
      const { value, done } = sent ? await source.read() : { value: first, done: false };
      sent = true;
      if (done) controller.close();
      else controller.enqueue(value as Bytes);
    };
    const cancel = (reason: unknown): Promise<void> => source.cancel(reason);
    const deflated: ReadableStream<Bytes> = new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
    this.#reader = deflated.pipeThrough(new DecompressionStream('gzip')).getReader();
    this.#rest = new Uint8Array(0);
    this.#inflating = true;
  }

  /**
   * Reads to the end so that a wrong gzip checksum is seen, or through the next `limit` bytes; junk there is passed over.
   *
   * @throws FILE_TRUNCATED when the gzip checksum is missing, FILE_FORMAT when it is wrong
   */
  async finish(limit = 1 << 20): Promise<void> {
    try {
      if (this.#inflating) await this.skip(limit);
    } catch (error) {
      if (!(error instanceof VesaliusError && error.code === 'FILE_UNSUPPORTED')) throw error;
    }
    if (this.#truncated) throw new VesaliusError('FILE_TRUNCATED', { what: 'end of the gzip data', ...this.#file });
    await this.close();
  }

  /** Lets go of the source; bytes not read are left. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  async #ready(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#reader.read().catch((cause: unknown) => this.#ended(cause));
      if (done) return false;
      this.#rest = value;
    }
    return true;
  }

  #ended(cause: unknown): { done: true; value?: never } {
    if (cause instanceof VesaliusError) throw new VesaliusError(cause.code, { ...cause.details, ...this.#file });
    const { message = '', code = '' } = Object(cause) as { message?: string; code?: string };
    const details = { cause, ...this.#file };
    if (!this.#inflating) throw new VesaliusError('FILE_UNREADABLE', { what: 'stream of the file', ...details });
    // Runtimes word these differently and only Node adds a code.
    const reason = `${code} ${message}`;
    if (/junk|trailing/i.test(reason)) {
      throw new VesaliusError('FILE_UNSUPPORTED', { what: 'bytes after the first gzip member', ...details });
    }
    if (/Z_BUF_ERROR|truncat|unexpected e|incomplete/i.test(reason)) {
      this.#truncated = true;
      return { done: true };
    }
    throw new VesaliusError('FILE_FORMAT', { what: 'gzip data', got: message || 'damaged', ...details });
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

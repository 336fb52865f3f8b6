import { VesaliusError } from '@vesalius/errors';

/** What the next bytes of a multipart body are. */
export type MultipartEvent =
  | { readonly kind: 'part'; readonly headers: PartHeaders }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'part-end' };

/** Names in lower case. */
export type PartHeaders = ReadonlyMap<string, string>;

export interface MultipartLimits {
  /** Of the headers of one part, and of what stands before the first. */
  readonly headerBytes: number;
  readonly parts: number;
}

export const MULTIPART_LIMITS: MultipartLimits = { headerBytes: 16_384, parts: 100_000 };

const CRLF = Buffer.from('\r\n');
const HEADERS_END = Buffer.from('\r\n\r\n');
const HYPHEN = 0x2d;
const PADDING = [0x20, 0x09];

type State = 'preamble' | 'delimiter' | 'headers' | 'body' | 'epilogue';

/**
 * Takes a multipart body apart, however its bytes are cut: RFC 2046 5.1.1. Keeps at most the headers of a part or the beginning of a
 * delimiter; data are views of the chunks.
 */
export class MultipartParser {
  readonly #delimiter: Buffer;
  readonly #limits: MultipartLimits;
  /** A delimiter begins with a line break, which the first of a body lacks, and may lack after empty headers. */
  #pending: Buffer = CRLF;
  /** Bytes at the beginning of `#pending` that nobody sent. */
  #unsent = CRLF.length;
  #state: State = 'preamble';
  #parts = 0;
  #preamble = 0;

  constructor(boundary: string, limits: MultipartLimits = MULTIPART_LIMITS) {
    // RFC 2046 5.1.1: 1 to 70 characters.
    if (!/^[\x20-\x7e]{0,69}[\x21-\x7e]$/.test(boundary)) throw malformed('boundary', '1 to 70 printable characters');
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#limits = limits;
  }

  /**
   * What a chunk brings.
   *
   * @throws FILE_FORMAT for a broken body, LIMIT_EXCEEDED for headers or parts beyond the limits
   */
  *push(chunk: Uint8Array): Generator<MultipartEvent> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const before = this.#state;
      if (before === 'epilogue') this.#pending = Buffer.alloc(0);
      else if (before === 'delimiter') this.#afterDelimiter();
      else if (before === 'headers') yield* this.#headers();
      else yield* this.#untilDelimiter();
      if (this.#state === before) return;
    }
  }

  /** @throws FILE_FORMAT when the body is not complete */
  end(): void {
    if (this.#state !== 'epilogue') throw malformed('multipart body', 'a closing boundary');
    if (this.#parts === 0) throw malformed('multipart body', 'at least one part');
  }

  *#untilDelimiter(): Generator<MultipartEvent> {
    const at = this.#pending.indexOf(this.#delimiter);
    const end = at < 0 ? this.#pending.length - this.#keptLength() : at;
    const data = this.#pending.subarray(Math.min(this.#unsent, end), end);
    this.#unsent = Math.max(0, this.#unsent - end);
    this.#pending = this.#pending.subarray(at < 0 ? end : at + this.#delimiter.length);
    if (this.#state === 'body' && data.length > 0) yield { kind: 'data', bytes: data };
    if (this.#state === 'preamble') this.#countPreamble(data.length);
    if (at < 0) return;
    if (this.#state === 'body') yield { kind: 'part-end' };
    this.#unsent = 0;
    this.#state = 'delimiter';
  }

  #countPreamble(length: number): void {
    this.#preamble += length;
    if (this.#preamble > this.#limits.headerBytes)
      throw exceeded('bytes before the first boundary', this.#limits.headerBytes);
  }

  /** Bytes at the end of what is there that may be the beginning of a delimiter. */
  #keptLength(): number {
    const most = Math.min(this.#delimiter.length - 1, this.#pending.length);
    const tail = this.#pending.subarray(this.#pending.length - most);
    for (let at = tail.indexOf(0x0d); at >= 0; at = tail.indexOf(0x0d, at + 1)) {
      if (tail.subarray(at).equals(this.#delimiter.subarray(0, tail.length - at))) return tail.length - at;
    }
    return 0;
  }

  /** Two hyphens close the body; else blanks and a line break, which stays to lead the headers. */
  #afterDelimiter(): void {
    const pending = this.#pending;
    let at = 0;
    while (at < pending.length && PADDING.includes(pending[at] as number)) at++;
    if (at > this.#limits.headerBytes) throw exceeded('blanks after a boundary', this.#limits.headerBytes);
    if (at === 0 && pending[0] === HYPHEN) {
      if (pending.length < 2) return;
      if (pending[1] !== HYPHEN) throw malformed('boundary', 'a line break or two hyphens after it');
      this.#state = 'epilogue';
      return;
    }
    if (pending.length - at < CRLF.length && CRLF.subarray(0, pending.length - at).equals(pending.subarray(at))) return;
    if (!CRLF.equals(pending.subarray(at, at + CRLF.length)))
      throw malformed('boundary', 'a line break or two hyphens after it');
    this.#pending = pending.subarray(at);
    this.#state = 'headers';
  }

  *#headers(): Generator<MultipartEvent> {
    const { headerBytes, parts } = this.#limits;
    const end = this.#pending.indexOf(HEADERS_END);
    if (end > headerBytes || (end < 0 && this.#pending.length > headerBytes + HEADERS_END.length))
      throw exceeded('bytes of the headers of a part', headerBytes);
    if (end < 0) return;
    this.#parts++;
    if (this.#parts > parts) throw exceeded('parts', parts);
    const headers = parseHeaders(this.#pending.toString('latin1', 0, end));
    // The last line break may begin the delimiter of an empty part.
    this.#pending = this.#pending.subarray(end + CRLF.length);
    this.#unsent = CRLF.length;
    this.#state = 'body';
    yield { kind: 'part', headers };
  }
}

function parseHeaders(text: string): PartHeaders {
  const headers = new Map<string, string>();
  // RFC 822 folds long lines: a line that begins with a blank goes on with the one before.
  for (const line of text.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    if (line === '') continue;
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    if (at < 1 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name))
      throw malformed('header of a part', 'a name, a colon and a value');
    headers.set(name, line.slice(at + 1).trim());
  }
  return headers;
}

function malformed(what: string, expected: string): VesaliusError {
  return new VesaliusError('FILE_FORMAT', { what: `multipart: ${what}`, expected });
}

function exceeded(what: string, most: number): VesaliusError {
  return new VesaliusError('LIMIT_EXCEEDED', { what: `multipart: ${what}`, expected: `at most ${most}` });
}

import { VesaliusError } from '@vesalius/errors';

/** Reads big-endian fields one after another and refuses to leave its bytes. */
export class ByteCursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.bytes(1)[0] as number;
  }

  uint16(): number {
    return this.bytes(2).readUInt16BE();
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE();
  }

  /** A view, not a copy. */
  bytes(length: number): Buffer {
    if (length > this.left)
      throw new VesaliusError('PEER_PROTOCOL', {
        what: 'length of a PDU field',
        got: length,
        expected: `at most ${this.left}`,
      });
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** The next bytes as a cursor of their own. */
  within(length: number): ByteCursor {
    return new ByteCursor(this.bytes(length));
  }

  /** Bytes behind their own 16-bit length. */
  counted(): Buffer {
    return this.bytes(this.uint16());
  }

  /** A UID or name of this length, without the padding that some writers add. */
  text(length = this.left): string {
    return this.bytes(length)
      .toString('latin1')
      .replace(/[\0 ]+$/, '');
  }

  /** A text behind its own 16-bit length. */
  countedText(): string {
    return this.text(this.uint16());
  }

  /** The items up to the end: type, a reserved byte, length, value. */
  *items(limit: number): Generator<{ type: number; value: ByteCursor }> {
    for (let count = 1; this.left > 0; count++) {
      if (count > limit)
        throw new VesaliusError('PEER_PROTOCOL', { what: 'items of a PDU', expected: `at most ${limit}` });
      const type = this.uint8();
      this.uint8();
      yield { type, value: this.within(this.uint16()) };
    }
  }
}

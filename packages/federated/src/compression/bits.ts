import { VesaliusError } from '@vesalius/errors';

/** Bits one after the other, the highest of a number first. */
export class BitWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** @param count - of bits, up to 32 */
  write(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.#push((value >>> bit) & 1);
  }

  /** As many ones, then a zero. */
  writeUnary(count: number): void {
    for (let i = 0; i < count; i++) this.#push(1);
    this.#push(0);
  }

  /** Filled up to whole bytes with zeros. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, Math.ceil(this.#length / 8));
  }

  #push(bit: number): void {
    const at = this.#length >> 3;
    if (at === this.#bytes.length) {
      const longer = new Uint8Array(2 * at);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes[at] = (this.#bytes[at] as number) | (bit << (7 - (this.#length & 7)));
    this.#length++;
  }
}

export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @throws PEER_PROTOCOL beyond the end */
  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.#next();
    return value;
  }

  /** Ones up to the next zero. @throws PEER_PROTOCOL beyond the end */
  readUnary(): number {
    let count = 0;
    while (this.#next() === 1) count++;
    return count;
  }

  /** Whole bytes that have been begun. */
  get bytesRead(): number {
    return Math.ceil(this.#at / 8);
  }

  #next(): number {
    const byte = this.#bytes[this.#at >> 3];
    if (byte === undefined)
      throw new VesaliusError('PEER_PROTOCOL', { what: 'update of a model', got: 'its end', expected: 'more bits' });
    return (byte >> (7 - (this.#at++ & 7))) & 1;
  }
}

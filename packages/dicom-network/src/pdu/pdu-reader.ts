import { VesaliusError } from '@vesalius/errors';
import { parsePdu } from './parse-pdu.ts';
import { PDU_HEADER_LENGTH, PDU_TYPES, type Pdu } from './pdu.ts';

/** Largest variable field of each kind of PDU, in bytes, that is waited for. */
export interface PduLimits {
  readonly associate: number;
  readonly data: number;
}

/**
 * Cuts a stream of bytes into PDUs. A header that promises more than the limit is refused before anything is kept, so it never
 * holds more than one PDU of allowed length. After an error the place in the stream is lost: the reader must not be used again.
 */
export class PduReader {
  readonly #limits: PduLimits;
  readonly #header = Buffer.alloc(PDU_HEADER_LENGTH);
  #body: Buffer | undefined;
  #filled = 0;

  constructor(limits: PduLimits) {
    this.#limits = limits;
  }

  /** True between the first and the last byte of a PDU. */
  get isInsidePdu(): boolean {
    return this.#filled > 0 || this.#body !== undefined;
  }

  /**
   * The PDUs that these bytes complete. Their data may be views of `chunk`.
   *
   * @throws PEER_PROTOCOL when a PDU is too long, of unknown type or malformed
   */
  *read(chunk: Buffer): Generator<Pdu> {
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#fill(this.#body ?? this.#header, rest);
      if (this.#body === undefined && this.#filled === PDU_HEADER_LENGTH) {
        const length = this.#checkedLength();
        if (rest.length >= length) {
          yield this.#finish(rest.subarray(0, length));
          rest = rest.subarray(length);
        } else {
          this.#body = Buffer.allocUnsafeSlow(length);
          this.#filled = 0;
        }
      } else if (this.#body !== undefined && this.#filled === this.#body.length) {
        yield this.#finish(this.#body);
      }
    }
  }

  /** Copies what fits; the bytes that are left. */
  #fill(target: Buffer, from: Buffer): Buffer {
    const copied = from.copy(target, this.#filled);
    this.#filled += copied;
    return from.subarray(copied);
  }

  #finish(variable: Buffer): Pdu {
    this.#filled = 0;
    this.#body = undefined;
    return parsePdu(this.#header[0] as number, variable);
  }

  #checkedLength(): number {
    const type = this.#header[0] as number;
    const length = this.#header.readUInt32BE(2);
    const [least, most] = this.#bounds(type);
    if (length < least || length > most)
      throw new VesaliusError('PEER_PROTOCOL', {
        what: `length of a PDU of type ${type}`,
        got: length,
        expected: `${least} to ${most}`,
      });
    return length;
  }

  #bounds(type: number): readonly [number, number] {
    if (type === PDU_TYPES['P-DATA-TF']) return [6, this.#limits.data];
    // PS3.8 9.3.2: the fixed fields alone take 68 bytes.
    if (type === PDU_TYPES['A-ASSOCIATE-RQ'] || type === PDU_TYPES['A-ASSOCIATE-AC'])
      return [68, this.#limits.associate];
    return [4, 4];
  }
}

/** What a hostile file may ask for before it is refused. */
export interface Limits {
  /** Sequences inside sequences. */
  readonly depth: number;
  /** Elements, items and fragments of one file together. */
  readonly elements: number;
  /** Bytes that a deflated data set or frame may grow to. */
  readonly inflatedBytes: number;
}

export const DEFAULT_LIMITS: Limits = { depth: 64, elements: 1 << 21, inflatedBytes: 2 ** 31 };

/** Something in a file that breaks the standard and was read all the same. */
export interface Warning {
  /** Where in the data set's bytes. */
  readonly offset: number;
  /** What is wrong; never a value. */
  readonly what: string;
}

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

const MOST_ANYWAY = 256 << 20;
const GROWTH = 100;

/** What a deflated file may grow to: no picture shrinks a hundredfold, a bomb a thousandfold. */
export function mostInflated(storedBytes: number, { inflatedBytes }: Limits): number {
  return Math.min(inflatedBytes, MOST_ANYWAY + GROWTH * storedBytes);
}

/** Something in a file that breaks the standard and was read all the same. */
export interface Warning {
  /** Where in the data set's bytes. */
  readonly offset: number;
  /** What is wrong; never a value. */
  readonly what: string;
}

import { VesaliusError } from '@vesalius/errors';
import { standardNormal } from './standard-normal.ts';

/** Four words of 32 bits; a typed array keeps them out of floating point. */
type Words = Int32Array;

/** What `Random.restore` needs to go on exactly where a generator stood; plain JSON. */
export interface RandomState {
  /** Names the stream; `fork` derives from it alone. */
  readonly key: readonly number[];
  /** Where in the stream the next draw happens. */
  readonly words: readonly number[];
}

/**
 * Seeded random numbers: the same seed gives the same numbers on every machine.
 *
 * Not for secrets or keys.
 *
 * @source Blackman and Vigna 2021, Scrambled linear pseudorandom number generators (xoshiro128**)
 */
export class Random {
  readonly #key: Words;
  readonly #words: Words;

  constructor(seed: number | string) {
    this.#key = absorb(Int32Array.of(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344), String(seed));
    this.#words = startOf(this.#key);
  }

  /** @throws INVALID_ARGUMENT when it is no state of a generator */
  static restore(state: RandomState): Random {
    const random = new Random(0);
    fill(random.#key, state.key);
    fill(random.#words, state.words);
    if (random.#words.every((word) => word === 0)) throw invalidState(state.words);
    return random;
  }

  get state(): RandomState {
    return { key: [...new Uint32Array(this.#key)], words: [...new Uint32Array(this.#words)] };
  }

  /**
   * An independent generator named by `key`. It depends on the seed and the keys that led here, never on how many numbers
   * were drawn, so that case 7 of epoch 3 gets the same numbers in any order of work.
   */
  fork(key: number | string): Random {
    const derived = absorb(this.#key, String(key));
    return Random.restore({ key: [...derived], words: [...startOf(derived)] });
  }

  /** 0 to 2^32 - 1, all equally likely. */
  uint32(): number {
    const s = this.#words;
    const [a, b] = [s[0] as number, s[1] as number];
    const c = (s[2] as number) ^ a;
    const d = (s[3] as number) ^ b;
    s[0] = a ^ d;
    s[1] = b ^ c;
    s[2] = c ^ (b << 9);
    s[3] = rotateLeft(d, 11);
    return Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
  }

  /** `low` up to but not including `high`, in steps of 2^-53 of the range. */
  uniform(low = 0, high = 1): number {
    const upper = this.uint32() >>> 5;
    const unit = (upper * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
    return low + (high - low) * unit;
  }

  /** A normal deviate; one uniform draw. */
  normal(mean = 0, standardDeviation = 1): number {
    return mean + standardDeviation * standardNormal(Math.max(this.uniform(), 2 ** -54));
  }

  /** Fills `target` with normal deviates from one 32-bit draw each: none lies beyond 6.4 standard deviations. */
  fillNormal(target: Float32Array, mean = 0, standardDeviation = 1): Float32Array {
    for (let i = 0; i < target.length; i++) {
      target[i] = mean + standardDeviation * standardNormal((this.uint32() + 0.5) / 2 ** 32);
    }
    return target;
  }

  /**
   * A whole number, 0 up to but not including `bound`, without modulo bias.
   *
   * @throws INVALID_ARGUMENT when `bound` is not a whole number from 1 to 2^32
   */
  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: 'bound of a random integer',
        got: bound,
        expected: '1 to 2^32',
      });
    }
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let draw = this.uint32();
    while (draw >= limit) draw = this.uint32();
    return draw % bound;
  }

  /** Brings the items into random order, in place, and returns them. */
  shuffle<T extends { readonly length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Spreads every bit of a word over the whole word (the finaliser of MurmurHash3). */
function scramble(word: number): number {
  let w = word ^ (word >>> 16);
  w = Math.imul(w, 0x85ebca6b);
  w ^= w >>> 13;
  w = Math.imul(w, 0xc2b2ae35);
  return (w ^ (w >>> 16)) >>> 0;
}

/** Hashes text into a key. The length is hashed too, so that a fork by `ab` is not a fork by `a` and then `b`. */
function absorb(key: Words, text: string): Words {
  let [a, b, c, d] = key as unknown as [number, number, number, number];
  const step = (code: number): void => {
    [a, b, c, d] = [b, c, d, (scramble(a ^ code) + Math.imul(b, 0x9e3779b1) + rotateLeft(d, 15)) >>> 0];
  };
  for (let i = 0; i < text.length; i++) step(text.charCodeAt(i));
  for (let round = 0; round < 8; round++) step(text.length + (round << 24));
  return Int32Array.of(a, b, c, d);
}

function startOf(key: Words): Words {
  const words = key.map(scramble);
  if (words.every((word) => word === 0)) words[0] = 1;
  return words;
}

function fill(target: Words, source: readonly number[]): void {
  if (source.length !== 4 || !source.every(Number.isInteger)) throw invalidState(source);
  for (let i = 0; i < 4; i++) target[i] = source[i] as number;
}

function invalidState(got: unknown): VesaliusError {
  return new VesaliusError('INVALID_ARGUMENT', {
    what: 'state of a random generator',
    got,
    expected: '4 words, not all 0',
  });
}

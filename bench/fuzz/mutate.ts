/** Numbers from 0 to 1 that follow from a seed. */
export type Random = () => number;

/** Mulberry32: small, and the same everywhere. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const NASTY_LENGTHS = [0, 1, 2, 7, 0xff, 0xfffe, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const MOST_BYTES = 1 << 20;

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const below = (random: Random, count: number): number => Math.floor(random() * count);
/** Headers stand at the front: two of three mutations go there. */
const place = (random: Random, length: number): number =>
  below(random, random() < 0.66 ? Math.min(length, 4000) : length);

const MUTATIONS: readonly Mutation[] = [
  function flipBits(bytes, random) {
    for (let flips = 1 + below(random, 12); flips > 0; flips--) {
      const at = place(random, bytes.length);
      bytes[at] = (bytes[at] as number) ^ (1 << below(random, 8));
    }
    return bytes;
  },
  function setBytes(bytes, random) {
    for (let edits = 1 + below(random, 8); edits > 0; edits--) bytes[place(random, bytes.length)] = below(random, 256);
    return bytes;
  },
  function editLength(bytes, random) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let edits = 1 + below(random, 4); edits > 0 && bytes.length > 8; edits--) {
      const at = Math.min(place(random, bytes.length) & ~1, bytes.length - 4);
      const length = NASTY_LENGTHS[below(random, NASTY_LENGTHS.length)] as number;
      if (random() < 0.5) view.setUint16(at, length & 0xffff, random() < 0.8);
      else view.setUint32(at, length, random() < 0.8);
    }
    return bytes;
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, below(random, bytes.length));
  },
  function splice(bytes, random, other) {
    const [at, from] = [place(random, bytes.length), place(random, other.length)];
    const piece = other.subarray(from, from + below(random, 4000));
    return joined([bytes.subarray(0, at), piece, bytes.subarray(random() < 0.5 ? at : at + piece.length)]);
  },
  function repeat(bytes, random) {
    const from = place(random, bytes.length);
    const piece = bytes.subarray(from, from + 1 + below(random, 200));
    const times = Math.min(1 + below(random, 2000), Math.floor(MOST_BYTES / piece.length));
    return joined([bytes.subarray(0, from), ...Array<Uint8Array>(times).fill(piece), bytes.subarray(from)]);
  },
  function nest(bytes, random) {
    const at = place(random, bytes.length) & ~1;
    const open = random() < 0.5 ? [] : [0x53, 0x51, 0, 0];
    const level = Uint8Array.of(8, 0, 0x40, 0x11, ...open, 255, 255, 255, 255, 0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255);
    const levels = Array<Uint8Array>(1 + below(random, 5000)).fill(level);
    return joined([bytes.subarray(0, at), ...levels, bytes.subarray(at)]);
  },
];

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts)).subarray(0, MOST_BYTES);
}

/** Bytes changed in one to three ways; always a copy. */
export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let mutated: Uint8Array = new Uint8Array(bytes);
  for (let count = 1 + below(random, 3); count > 0; count--) {
    const mutation = MUTATIONS[below(random, MUTATIONS.length)] as Mutation;
    if (mutated.length > 0) mutated = new Uint8Array(mutation(mutated, random, other));
  }
  return mutated;
}

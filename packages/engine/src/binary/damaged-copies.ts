/**
 * Copies of a file with one to three bits flipped, a byte run overwritten, or the end cut off: what a reader must
 * refuse with a code or read as something else, never more. The same seed gives the same copies.
 */
export function* damagedCopies(bytes: Uint8Array, count: number, seed = 1): Generator<Uint8Array<ArrayBuffer>> {
  const random = lehmer(seed);
  for (let i = 0; i < count; i++) {
    const copy = Uint8Array.from(bytes);
    const at = () => Math.floor(random() * copy.length);
    if (i % 4 === 0) yield copy.slice(0, at());
    else if (i % 4 === 1) {
      const start = at();
      yield copy.fill(0xff, start, start + 8);
    } else {
      for (let flips = i % 3; flips >= 0; flips--) {
        const place = at();
        copy[place] = (copy[place] as number) ^ (1 << Math.floor(random() * 8));
      }
      yield copy;
    }
  }
}

function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}

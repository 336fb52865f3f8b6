/** Numbers that fit into one request to the generator. */
const A_TIME = 4096;

/**
 * Standard normal numbers from the system's cryptographic generator, for noise that nobody can guess and take away.
 *
 * @source Box and Muller 1958; float64 within, so that what can be drawn shows no pattern in float32
 */
export function cryptographicNormal(length: number): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(length);
  const words = new Uint32Array(2 * A_TIME);
  for (let from = 0; from < length; from += A_TIME) {
    crypto.getRandomValues(words);
    const count = Math.min(A_TIME, length - from);
    for (let i = 0; i < count; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(uniform(words, 2 * i)));
      const angle = 2 * Math.PI * uniform(words, 2 * i + 2);
      numbers[from + i] = radius * Math.cos(angle);
      if (i + 1 < count) numbers[from + i + 1] = radius * Math.sin(angle);
    }
  }
  return numbers;
}

/** Above 0, at most 1, in steps of 2^-53. */
function uniform(words: Uint32Array, at: number): number {
  const high = (words[at] as number) >>> 6;
  const low = (words[at + 1] as number) >>> 5;
  return (high * 2 ** 27 + low + 1) / 2 ** 53;
}

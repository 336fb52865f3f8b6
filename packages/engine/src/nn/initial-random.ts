/** Random numbers for one parameter: the same for a seed and a name, in whatever order a network is built. */
export interface InitialRandom {
  /** In [0, 1). */
  uniform(): number;
  /** Mean 0, deviation 1. */
  normal(): number;
}

/** @source Vigna, xoshiro128++, seeded by a hash of the name */
export function initialRandom(seed: number, name: string): InitialRandom {
  const state = seedState(`${seed}/${name}`);
  const uniform = (): number => (next(state) >>> 8) * 2 ** -24;
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

const rotate = (x: number, places: number): number => (x << places) | (x >>> (32 - places));

function next(s: Uint32Array): number {
  const [a, b, c, d] = s as unknown as [number, number, number, number];
  const result = (rotate((a + d) | 0, 7) + a) | 0;
  s[2] = c ^ a;
  s[3] = d ^ b;
  s[1] = b ^ (s[2] as number);
  s[0] = a ^ (s[3] as number);
  s[2] = (s[2] as number) ^ (b << 9);
  s[3] = rotate(s[3] as number, 11);
  return result;
}

/** FNV-1a over the text, once a word with another offset. */
function seedState(text: string): Uint32Array {
  return Uint32Array.from({ length: 4 }, (_, word) => {
    let hash = 0x811c9dc5 ^ Math.imul(word + 1, 0x9e3779b9);
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return hash ^ (hash >>> 15);
  });
}

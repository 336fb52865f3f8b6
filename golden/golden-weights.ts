/** Numbers that Python and TypeScript make alike: the formulas stand in golden/make/golden_weights.py. */

function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Numbers in [-1, 1) that belong to a name. */
export function goldenNoise(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const seed = nameHash(name);
  return Float32Array.from({ length: elements(shape) }, (_, i) => {
    let x = (seed + Math.imul(i + 1, 0x9e3779b1)) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

/** First value of a parameter or buffer, of a size that keeps a network's signals alive. */
export function goldenWeight(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const noise = goldenNoise(name, shape);
  if (shape.length >= 2) return noise.map((x) => x * Math.sqrt(3 / elements(shape.slice(1))));
  return /(weight|running_var)$/.test(name) ? noise.map((x) => 0.6 + 0.4 * x) : noise.map((x) => 0.25 * x);
}

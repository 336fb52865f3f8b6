import { Random } from '@vesalius/engine';

/** Places of the `count` largest magnitudes, ascending; of equal ones the first. */
export function largestMagnitudes(values: Float32Array, count: number): Uint32Array {
  if (count >= values.length) return Uint32Array.from(values.keys());
  const threshold = Float32Array.from(values, Math.abs).sort()[values.length - count] as number;
  const above: number[] = [];
  let equal = count - values.reduce((n, value) => n + (Math.abs(value) > threshold ? 1 : 0), 0);
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i] as number);
    if (magnitude > threshold || (magnitude === threshold && equal-- > 0)) above.push(i);
  }
  return Uint32Array.from(above);
}

/** `count` of `length` places that both ends draw alike, ascending: what is sent tells nothing of the values, and no place is sent. */
export function randomPlaces(seed: string, count: number, length: number): Uint32Array {
  const random = new Random(seed);
  // Floyd's way: as many draws as places.
  const chosen = new Set<number>();
  for (let i = length - count; i < length; i++) {
    const at = random.integer(i + 1);
    chosen.add(chosen.has(at) ? i : at);
  }
  return Uint32Array.from(chosen).sort();
}

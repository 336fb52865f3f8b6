/** One number for every spatial axis, or one an axis in the tensor's order (z, y, x). */
export type PerAxis = number | readonly number[];

export function perAxis(value: PerAxis, axes: number): number[] {
  return Array.from({ length: axes }, (_, i) => (typeof value === 'number' ? value : (value[i] ?? 1)));
}

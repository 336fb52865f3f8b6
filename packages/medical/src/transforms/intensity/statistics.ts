/** Sums are kept in float64. */
export function mean(data: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] as number;
  return sum / data.length;
}

/** @param freedom - subtracted from the count: 0 for the population's, 1 for the sample's */
export function standardDeviation(data: Float32Array, center: number, freedom: 0 | 1 = 0): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += ((data[i] as number) - center) ** 2;
  return Math.sqrt(sum / (data.length - freedom));
}

export function extent(data: Float32Array): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/** Percentiles (0 to 100), linear between the two values next to them. */
export function percentiles(data: Float32Array, wanted: readonly number[]): number[] {
  const sorted = data.slice().sort();
  return wanted.map((q) => {
    const at = (q / 100) * (sorted.length - 1);
    const below = Math.floor(at);
    const low = sorted[below] as number;
    return low + (at - below) * ((sorted[Math.min(below + 1, sorted.length - 1)] as number) - low);
  });
}

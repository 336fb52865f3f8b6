/**
 * Where windows start along one axis: a step apart, the last one moved back so that it ends with the axis.
 *
 * @param overlap - share of a window that the next one covers too, 0 to below 1
 */
export function windowPositions(size: number, window: number, overlap: number): number[] {
  const step = Math.max(1, Math.floor(window * (1 - overlap)));
  const positions: number[] = [];
  for (let start = 0; ; start += step) {
    positions.push(Math.max(0, Math.min(start, size - window)));
    if (start + window >= size) return positions;
  }
}

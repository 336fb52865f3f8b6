/**
 * The value below which a share of sorted values lies, between two of them in proportion (as NumPy's and PyTorch's default).
 *
 * @param sorted - ascending; NaN when empty
 * @param share - 0 to 1
 */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = share * (sorted.length - 1);
  const lower = sorted[Math.floor(at)] as number;
  const upper = sorted[Math.ceil(at)] as number;
  // Two infinite neighbours have no difference to take a part of.
  return lower === upper ? lower : lower + (upper - lower) * (at - Math.floor(at));
}

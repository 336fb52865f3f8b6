import { standardNormal } from '@vesalius/engine';

const DENSITY_AT_0 = 1 / Math.sqrt(2 * Math.PI);

/**
 * The share of a standard normal distribution below x, to nearly full precision in the lower tail too.
 *
 * @parity scipy.stats.norm(cdf)
 */
export function normalCdf(x: number): number {
  if (x > 3) return 1 - normalCdf(-x);
  return x < -3 ? lowerTail(x) : 0.5 + DENSITY_AT_0 * Math.exp((-x * x) / 2) * series(x);
}

/**
 * The value below which a share p of a standard normal distribution lies.
 *
 * @param p - 0 to 1; infinite at both ends
 * @parity scipy.stats.norm(ppf)
 */
export function normalQuantile(p: number): number {
  if (p <= 0 || p >= 1) return p <= 0 ? -Infinity : Infinity;
  return standardNormal(p);
}

// Marsaglia 2004, Evaluating the normal distribution: x + x^3/3 + x^5/15 + x^7/105 + ...
function series(x: number): number {
  let [term, sum] = [x, x];
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return sum;
}

// Laplace's continued fraction x + 1/(x + 2/(x + 3/(x + ...))), from the far end.
function lowerTail(x: number): number {
  let fraction = -x;
  for (let k = 120; k >= 1; k--) fraction = -x + k / fraction;
  return (DENSITY_AT_0 * Math.exp((-x * x) / 2)) / fraction;
}

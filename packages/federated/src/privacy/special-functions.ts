/** Below, erfc is 1 less the series of erf; above, its continued fraction converges fast. */
const SERIES_UP_TO = 2;

/** Logarithm of the complementary error function, to about 13 digits also where the function itself is below the smallest number. */
export function logErfc(x: number): number {
  if (x < 0) return Math.log(2 - Math.exp(logErfc(-x)));
  if (x < SERIES_UP_TO) return Math.log1p(-erfOf(x));
  return Math.log(continuedFraction(x)) - x * x - 0.5 * Math.log(Math.PI);
}

/** Chance that a standard normal number is above `x`, precise in the far tail. */
export const normalTail = (x: number): number => 0.5 * Math.exp(logErfc(x / Math.SQRT2));

/** Logarithm of e^a + e^b. */
export function logAdd(a: number, b: number): number {
  const [high, low] = a > b ? [a, b] : [b, a];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** Logarithm of e^a - e^b; `a` is not below `b`. */
export function logSubtract(a: number, b: number): number {
  if (b === -Infinity) return a;
  return a === b ? -Infinity : a + Math.log1p(-Math.exp(b - a));
}

/** @source Abramowitz and Stegun 7.1.6 */
function erfOf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** sqrt(pi) e^(x^2) erfc(x), from the last term to the first. @source Abramowitz and Stegun 7.1.14 */
function continuedFraction(x: number): number {
  const terms = 10 + Math.ceil(160 / (x * x));
  let value = x;
  for (let n = terms; n >= 1; n--) value = x + n / 2 / value;
  return 1 / value;
}

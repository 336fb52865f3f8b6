/**
 * The standard normal deviate below which a share `p` of the distribution lies, 0 < p < 1, to 1e-15.
 *
 * Only +, -, *, / and the square root are used, which every runtime rounds alike: `Math.log` and `Math.cos` may differ in the
 * last digit from one engine to the next.
 *
 * @source Wichura 1988, Algorithm AS 241 (PPND16)
 */
export function standardNormal(p: number): number {
  const q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const r = 0.180625 - q * q;
    return q * centre(r);
  }
  const r = Math.sqrt(-naturalLogarithm(q < 0 ? p : 1 - p));
  const size = r <= 5 ? rational(SHOULDER, r - 1.6) : rational(TAIL, r - 5);
  return q < 0 ? -size : size;
}

type Coefficients = readonly number[];

/** Numerator from the highest power down, then denominator. */
const SHOULDER: Coefficients = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835, 1.0507500716444169e-9, 0.0005475938084995345,
  0.015198666563616457, 0.14810397642748008, 0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
];
const TAIL: Coefficients = [
  2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103, 2.0442631033899397e-15, 1.421511758316446e-7,
  1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
];

// Written out, because 85 % of all deviates come from here.
function centre(r: number): number {
  let top = 2509.0809287301227 * r + 33430.57558358813;
  top = ((top * r + 67265.7709270087) * r + 45921.95393154987) * r + 13731.69376550946;
  top = ((top * r + 1971.5909503065513) * r + 133.14166789178438) * r + 3.3871328727963665;
  let bottom = 5226.495278852854 * r + 28729.085735721943;
  bottom = ((bottom * r + 39307.89580009271) * r + 21213.794301586597) * r + 5394.196021424751;
  bottom = ((bottom * r + 687.1870074920579) * r + 42.31333070160091) * r + 1;
  return top / bottom;
}

function rational(c: Coefficients, r: number): number {
  let top = c[0] as number;
  let bottom = c[8] as number;
  for (let i = 1; i < 8; i++) {
    top = top * r + (c[i] as number);
    bottom = bottom * r + (c[i + 8] as number);
  }
  return top / bottom;
}

/** For 2^-64 < value < 1: mantissa in [1/sqrt 2, sqrt 2), then the series of 2 artanh. */
function naturalLogarithm(value: number): number {
  let mantissa = value;
  let exponent = 0;
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let power = 21; power > 0; power -= 2) sum = sum * square + 1 / power;
  return exponent * Math.LN2 + 2 * s * sum;
}

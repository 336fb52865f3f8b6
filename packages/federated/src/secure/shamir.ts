import { VesaliusError } from '@vesalius/errors';

/** The smallest prime above 2^256: secrets are numbers of 32 bytes. */
const PRIME = 2n ** 256n + 297n;
const SECRET_BYTES = 32;
const SHARE_BYTES = 33;

/** A point of the polynomial: `at` is 1 or more. */
export interface Share {
  readonly at: number;
  readonly value: Uint8Array<ArrayBuffer>;
}

/**
 * A secret in as many shares as wanted, of which any `threshold` give it back and fewer say nothing of it.
 *
 * @param secret - 32 bytes
 * @throws INVALID_ARGUMENT
 * @source Shamir 1979, How to share a secret
 */
export function splitSecret(secret: Uint8Array, shares: number, threshold: number): Share[] {
  if (secret.length !== SECRET_BYTES || threshold < 1 || threshold > shares)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'secret to share',
      got: `${secret.length} bytes, ${threshold} of ${shares}`,
      expected: `${SECRET_BYTES} bytes, at most all shares`,
    });
  const coefficients = [numberOf(secret), ...Array.from({ length: threshold - 1 }, randomElement)];
  return Array.from({ length: shares }, (_, i) => {
    const at = BigInt(i + 1);
    const value = coefficients.reduceRight((sum, coefficient) => (sum * at + coefficient) % PRIME, 0n);
    return { at: i + 1, value: bytesOf(value, SHARE_BYTES) };
  });
}

/** @param shares - as many as the threshold, of unlike points. Wrong or too few shares give another secret, not an error. */
export function joinSecret(shares: readonly Share[]): Uint8Array<ArrayBuffer> {
  const secret = shares.reduce((sum, { at, value }) => {
    const [over, under] = shares.reduce(
      ([n, d], other) => {
        if (other.at === at) return [n, d] as const;
        return [(n * BigInt(other.at)) % PRIME, modulo(d * BigInt(other.at - at))] as const;
      },
      [1n, 1n] as readonly [bigint, bigint],
    );
    return (sum + numberOf(value) * over * inverse(under)) % PRIME;
  }, 0n);
  return bytesOf(secret & (2n ** 256n - 1n), SECRET_BYTES);
}

function randomElement(): bigint {
  for (;;) {
    const value = numberOf(crypto.getRandomValues(new Uint8Array(SHARE_BYTES))) & (2n ** 257n - 1n);
    if (value < PRIME) return value;
  }
}

const modulo = (value: bigint): bigint => ((value % PRIME) + PRIME) % PRIME;

/** By Euclid's algorithm. */
function inverse(value: bigint): bigint {
  let [a, b, x, y] = [modulo(value), PRIME, 1n, 0n];
  while (b > 0n) {
    const whole = a / b;
    [a, b] = [b, a - whole * b];
    [x, y] = [y, x - whole * y];
  }
  return modulo(x);
}

const numberOf = (bytes: Uint8Array): bigint => bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n);

function bytesOf(value: bigint, length: number): Uint8Array<ArrayBuffer> {
  const hex = value.toString(16).padStart(2 * length, '0');
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

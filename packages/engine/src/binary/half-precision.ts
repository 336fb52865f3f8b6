/**
 * The two 16-bit floating-point formats, as arrays of their bits.
 *
 * @source IEEE 754-2019, binary16; bfloat16 is the upper half of binary32
 */

const BITS = new Uint32Array(1);
const VALUE = new Float32Array(BITS.buffer);

/** Exact: every float16 is a float32. */
export function float16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(halves.length);
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < halves.length; i++) bits[i] = float16Bits(halves[i] as number);
  return out;
}

/**
 * Rounds to the nearest float16, ties to even; beyond 65,504 to infinity, tiny values to subnormals.
 *
 * @parity numpy.float16
 */
export function float32ToFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(values.length);
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let i = 0; i < values.length; i++) {
    value[0] = values[i] as number;
    out[i] = halfOf(bits[0] as number);
  }
  return out;
}

/** Exact: every bfloat16 is a float32. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(halves.length);
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] as number) << 16;
  return out;
}

/** float32 bits of a float16: 5 exponent bits with bias 15 become 8 with bias 127. */
function float16Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const magnitude = half & 0x7fff;
  if (magnitude >= 0x7c00) return sign | 0x7f800000 | ((magnitude & 0x3ff) << 13);
  if (magnitude >= 0x0400) return sign | ((magnitude << 13) + ((127 - 15) << 23));
  VALUE[0] = magnitude * 2 ** -24;
  return sign | (BITS[0] as number);
}

/** float16 bits nearest to the float32 with these bits. */
function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    const odd = (magnitude >>> 13) & 1;
    return sign | ((magnitude - ((127 - 15) << 23) + 0xfff + odd) >>> 13);
  }
  // Below 2^-14: adding 0.5 leaves multiples of 2^-24 in the low bits, rounded by the addition itself.
  BITS[0] = magnitude;
  VALUE[0] = (VALUE[0] as number) + 0.5;
  return sign | ((BITS[0] as number) - 0x3f000000);
}

/**
 * CRC-32 of ISO 3309, as zip and PNG use it, and CRC-32C (Castagnoli), as TensorBoard's event files use it.
 *
 * Both take and give the finished value, so a long input can be fed in parts: `crc32(b, crc32(a))`.
 */
export const crc32 = crcOf(0xedb88320);
export const crc32c = crcOf(0x82f63b78);

/** Four bytes a step by four tables: about three times the speed of a byte a step. */
function crcOf(polynomial: number): (bytes: Uint8Array, start?: number) => number {
  const [t0, t1, t2, t3] = tables(polynomial);
  return (bytes, start = 0) => {
    let crc = ~start;
    let i = 0;
    for (; i + 4 <= bytes.length; i += 4) {
      crc ^= (bytes[i] as number) | ((bytes[i + 1] as number) << 8);
      crc ^= ((bytes[i + 2] as number) << 16) | ((bytes[i + 3] as number) << 24);
      crc =
        (t3[crc & 0xff] as number) ^
        (t2[(crc >>> 8) & 0xff] as number) ^
        (t1[(crc >>> 16) & 0xff] as number) ^
        (t0[crc >>> 24] as number);
    }
    for (; i < bytes.length; i++) crc = (t0[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
    return ~crc >>> 0;
  };
}

function tables(polynomial: number): [Uint32Array, Uint32Array, Uint32Array, Uint32Array] {
  const first = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    first[byte] = crc;
  }
  const next = (table: Uint32Array) => table.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] as number));
  const second = next(first);
  const third = next(second);
  return [first, second, third, next(third)];
}

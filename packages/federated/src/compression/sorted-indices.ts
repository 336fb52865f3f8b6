import { VesaliusError } from '@vesalius/errors';
import { BitReader, BitWriter } from './bits.ts';

/**
 * Ascending numbers below `length` as their gaps in Rice's code, whose parameter both ends know from the count: within 4 % of the entropy where
 * each number is as likely as any other.
 *
 * @source Golomb 1966; Rice 1979
 */
export function writeIndices(indices: ArrayLike<number>, length: number): Uint8Array<ArrayBuffer> {
  const shift = shiftFor(indices.length, length);
  const bits = new BitWriter();
  let before = -1;
  for (let i = 0; i < indices.length; i++) {
    const gap = (indices[i] as number) - before - 1;
    bits.writeUnary(gap >> shift);
    bits.write(gap & ((1 << shift) - 1), shift);
    before = indices[i] as number;
  }
  return bits.bytes();
}

/** @throws PEER_PROTOCOL when they are not ascending numbers below `length` */
export function readIndices(
  bytes: Uint8Array,
  count: number,
  length: number,
): { indices: Uint32Array; bytesRead: number } {
  const shift = shiftFor(count, length);
  const bits = new BitReader(bytes);
  const indices = new Uint32Array(count);
  let before = -1;
  for (let i = 0; i < count; i++) {
    before += 1 + bits.readUnary() * 2 ** shift + bits.read(shift);
    if (before >= length)
      throw new VesaliusError('PEER_PROTOCOL', {
        what: 'index of an update',
        got: before,
        expected: `below ${length}`,
      });
    indices[i] = before;
  }
  return { indices, bytesRead: bits.bytesRead };
}

/** Of a geometric gap of this mean the shortest code. */
function shiftFor(count: number, length: number): number {
  const mean = (length - count) / Math.max(1, count);
  return mean <= 0 ? 0 : Math.max(0, Math.round(Math.log2(Math.LN2 * mean + 1e-9)));
}

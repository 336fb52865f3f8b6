import type { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { BitReader, BitWriter } from './bits.ts';

/** Levels on either side of zero are 127, 7 and 1. */
export type QuantizedBits = 8 | 4 | 'ternary';

const BLOCK = 1024;
const LEVELS = { 8: 127, 4: 7, ternary: 1 } as const;
/** 3^5 values fit into a byte. */
const TERNARY_A_BYTE = 5;

/**
 * Rounds each value at random to one of its two neighbours on a grid, so that its mean is kept. Each block of 1024 values has its own scale,
 * its largest magnitude.
 *
 * @source Alistarh et al. 2017, QSGD; Wen et al. 2017, TernGrad
 */
export function quantize(values: Float32Array, bits: QuantizedBits, random: Random): Uint8Array<ArrayBuffer> {
  const levels = LEVELS[bits];
  const blocks = Math.ceil(values.length / BLOCK);
  const scales = new Float32Array(blocks);
  const steps = new Int8Array(values.length);
  for (let block = 0; block < blocks; block++) {
    const part = values.subarray(block * BLOCK, (block + 1) * BLOCK);
    const scale = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    scales[block] = scale;
    if (!Number.isFinite(scale))
      throw new VesaliusError('NOT_FINITE', { what: 'update of a model', got: scale, expected: 'finite values' });
    if (scale === 0) continue;
    for (const [i, value] of part.entries())
      steps[block * BLOCK + i] = Math.floor((value / scale) * levels + random.uniform());
  }
  const packed = pack(steps, bits);
  const bytes = new Uint8Array(4 * blocks + packed.length);
  bytes.set(new Uint8Array(scales.buffer));
  bytes.set(packed, 4 * blocks);
  return bytes;
}

export const quantizedBytes = (count: number, bits: QuantizedBits): number =>
  4 * Math.ceil(count / BLOCK) +
  (bits === 'ternary' ? Math.ceil(count / TERNARY_A_BYTE) : Math.ceil((count * bits) / 8));

/** @throws PEER_PROTOCOL for too few bytes or a scale that is no finite number */
export function dequantize(bytes: Uint8Array, count: number, bits: QuantizedBits): Float32Array<ArrayBuffer> {
  const expected = quantizedBytes(count, bits);
  if (bytes.length < expected)
    throw new VesaliusError('PEER_PROTOCOL', {
      what: 'update of a model',
      got: bytes.length,
      expected: `${expected} bytes`,
    });
  const blocks = Math.ceil(count / BLOCK);
  const scales = new Float32Array(bytes.slice(0, 4 * blocks).buffer);
  if (!scales.every((scale) => Number.isFinite(scale) && scale >= 0))
    throw new VesaliusError('PEER_PROTOCOL', {
      what: 'scale of an update',
      got: 'no finite number',
      expected: '0 or more',
    });
  const steps = unpack(bytes.subarray(4 * blocks), count, bits);
  const levels = LEVELS[bits];
  return Float32Array.from(steps, (step, i) => (step / levels) * (scales[Math.floor(i / BLOCK)] as number));
}

function pack(steps: Int8Array, bits: QuantizedBits): Uint8Array {
  if (bits === 8) return new Uint8Array(steps.buffer);
  if (bits === 4) {
    const writer = new BitWriter();
    for (const step of steps) writer.write(step + 7, 4);
    return writer.bytes();
  }
  return Uint8Array.from({ length: Math.ceil(steps.length / TERNARY_A_BYTE) }, (_, i) => {
    let byte = 0;
    for (let j = TERNARY_A_BYTE - 1; j >= 0; j--) byte = 3 * byte + (steps[i * TERNARY_A_BYTE + j] ?? 0) + 1;
    return byte;
  });
}

function unpack(bytes: Uint8Array, count: number, bits: QuantizedBits): Int8Array {
  if (bits === 8) return new Int8Array(bytes.slice(0, count).buffer);
  if (bits === 4) {
    const reader = new BitReader(bytes);
    return Int8Array.from({ length: count }, () => reader.read(4) - 7);
  }
  return Int8Array.from({ length: count }, (_, i) => {
    const byte = bytes[Math.floor(i / TERNARY_A_BYTE)] as number;
    return (Math.floor(byte / 3 ** (i % TERNARY_A_BYTE)) % 3) - 1;
  });
}

import type { PixelLayout } from './pixel-layout.ts';

/** Samples of a frame in the type their stored bits ask for. */
export type SampleArray =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** Little-endian bytes as samples; the bytes are copied. */
export function samplesOf(bytes: Uint8Array, layout: PixelLayout): SampleArray {
  // Not `slice`, which in Node's Buffer is a view of a shared pool.
  const { buffer } = new Uint8Array(bytes);
  if (layout.element === 'FloatPixelData') return new Float32Array(buffer);
  if (layout.element === 'DoubleFloatPixelData') return new Float64Array(buffer);
  if (layout.bitsAllocated <= 8) return layout.signed ? new Int8Array(buffer) : new Uint8Array(buffer);
  if (layout.bitsAllocated === 16) return layout.signed ? new Int16Array(buffer) : new Uint16Array(buffer);
  return layout.signed ? new Int32Array(buffer) : new Uint32Array(buffer);
}

/**
 * Takes away what is not pixel: bits above the high bit and below the lowest stored one, such as old overlays; the sign of a
 * signed sample is its highest stored bit: PS3.5 8.1.1.
 */
export function keepStoredBits(
  samples: SampleArray,
  { bitsAllocated, bitsStored, highBit, signed, element }: PixelLayout,
): void {
  if (bitsStored === bitsAllocated || bitsAllocated > 32 || element !== 'PixelData') return;
  const left = 31 - highBit;
  const right = 32 - bitsStored;
  for (let i = 0; i < samples.length; i++) {
    const up = (samples[i] as number) << left;
    samples[i] = signed ? up >> right : up >>> right;
  }
}

/** Planes of samples one after another, as samples pixel by pixel. */
export function interleaved(samples: SampleArray, planes: number): SampleArray {
  const out = samples.slice();
  const pixels = samples.length / planes;
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < pixels; i++) out[i * planes + plane] = samples[plane * pixels + i] as number;
  }
  return out;
}

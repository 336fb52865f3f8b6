import { readFileSync } from 'node:fs';

/** A tensor stored in a golden file: little-endian bytes in base64, last axis fastest. */
export interface GoldenTensor {
  readonly dtype: 'float32' | 'float64' | 'int32' | 'uint8';
  readonly shape: readonly number[];
  readonly base64: string;
}

export interface GoldenCase {
  readonly name: string;
  /** Options under the original's names, as JSON. */
  readonly options: Record<string, unknown>;
  readonly inputs: Record<string, GoldenTensor>;
  readonly expected: Record<string, GoldenTensor>;
}

/** Answers of the original, made by `golden/make/<name>.py`. */
export interface Golden {
  /** The symbol of the original, exactly as an `@parity` tag names it. */
  readonly parity: string;
  readonly madeWith: Record<string, string>;
  readonly seed: number;
  /** Largest relative error allowed: |got - expected| <= tolerance * max(1, |expected|). */
  readonly tolerance: number;
  readonly cases: readonly GoldenCase[];
}

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array };

/** Reads `golden/<name>.json`. */
export function readGolden(name: string): Golden {
  return JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8')) as Golden;
}

export function goldenValues(tensor: GoldenTensor): Float32Array | Float64Array | Int32Array | Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(tensor.base64, 'base64'));
  return new ARRAYS[tensor.dtype](bytes.buffer);
}

/** Largest |got - expected| / max(1, |expected|). */
export function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) throw new Error(`lengths differ: got ${got.length}, expected ${expected.length}`);
  let worst = 0;
  for (let i = 0; i < got.length; i++) {
    const error = Math.abs((got[i] as number) - (expected[i] as number)) / Math.max(1, Math.abs(expected[i] as number));
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

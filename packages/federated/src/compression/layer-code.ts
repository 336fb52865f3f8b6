import { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { type LayerShape, valuesIn } from '../layer-values.ts';
import { largestMagnitudes, randomPlaces } from './choose-indices.ts';
import { type MatrixSize, multiplyFactors, powerStep } from './low-rank.ts';
import { dequantize, type QuantizedBits, quantize, quantizedBytes } from './quantize.ts';
import { readIndices, writeIndices } from './sorted-indices.ts';

/** How a layer is sent. */
export type LayerCode =
  | { readonly kind: 'float32' }
  | { readonly kind: 'quantized'; readonly bits: QuantizedBits }
  /** The largest values and where they stand. */
  | { readonly kind: 'largest'; readonly count: number; readonly bits: QuantizedBits }
  /** Values at places that a seed shared by both ends draws anew each round. */
  | { readonly kind: 'random'; readonly count: number; readonly bits: QuantizedBits }
  /** As a matrix of its first axis against all others, in two narrow factors. */
  | { readonly kind: 'low-rank'; readonly rank: number; readonly bits: 8 | 4 };

export interface EncodedLayer {
  readonly bytes: Uint8Array;
  /** Places that were sent, where not all were. */
  readonly places?: Uint32Array;
  /** Where the next low-rank step starts. */
  readonly right?: Float32Array;
}

export interface LayerEncoding {
  readonly layer: LayerShape;
  readonly code: LayerCode;
  /** The same at both ends, another one each round; of the layer and of the sender. */
  readonly seed: string;
  readonly right?: Float32Array | undefined;
}

export function encodeLayer(values: Float32Array, { layer, code, seed, right }: LayerEncoding): EncodedLayer {
  const random = new Random(seed).fork('rounding');
  switch (code.kind) {
    case 'float32':
      return { bytes: new Uint8Array(values.slice().buffer) };
    case 'quantized':
      return { bytes: quantize(values, code.bits, random) };
    case 'largest': {
      const places = largestMagnitudes(values, code.count);
      const chosen = quantize(gather(values, places), code.bits, random);
      return { bytes: joined(writeIndices(places, values.length), chosen), places };
    }
    case 'random': {
      const places = randomPlaces(seed, code.count, values.length);
      return { bytes: quantize(gather(values, places), code.bits, random), places };
    }
    case 'low-rank': {
      const factors = powerStep(values, matrixOf(layer, code.rank), right);
      const [left, other] = [factors.left, factors.right].map((factor) => quantize(factor, code.bits, random));
      return { bytes: joined(left as Uint8Array, other as Uint8Array), right: factors.right };
    }
  }
}

/** @throws PEER_PROTOCOL for bytes that are no such layer */
export function decodeLayer(bytes: Uint8Array, { layer, code, seed }: Omit<LayerEncoding, 'right'>): Float32Array {
  const length = valuesIn(layer);
  switch (code.kind) {
    case 'float32':
      if (bytes.length !== 4 * length)
        throw new VesaliusError('PEER_PROTOCOL', {
          what: layer.name,
          got: bytes.length,
          expected: `${4 * length} bytes`,
        });
      // A Buffer's slice would be a view.
      return new Float32Array(Uint8Array.from(bytes).buffer);
    case 'quantized':
      return dequantize(bytes, length, code.bits);
    case 'largest': {
      const { indices, bytesRead } = readIndices(bytes, code.count, length);
      return scattered(dequantize(bytes.subarray(bytesRead), code.count, code.bits), indices, length);
    }
    case 'random':
      return scattered(dequantize(bytes, code.count, code.bits), randomPlaces(seed, code.count, length), length);
    case 'low-rank': {
      const size = matrixOf(layer, code.rank);
      const split = quantizedBytes(size.rows * size.rank, code.bits);
      const left = dequantize(bytes.subarray(0, split), size.rows * size.rank, code.bits);
      const right = dequantize(bytes.subarray(split), size.columns * size.rank, code.bits);
      return multiplyFactors({ left, right }, size);
    }
  }
}

export function matrixOf(layer: LayerShape, rank: number): MatrixSize {
  const rows = layer.shape[0] ?? 1;
  return { rows, columns: valuesIn(layer) / rows, rank };
}

const gather = (values: Float32Array, places: Uint32Array): Float32Array =>
  Float32Array.from(places, (place) => values[place] as number);

function scattered(values: Float32Array, places: Uint32Array, length: number): Float32Array {
  const all = new Float32Array(length);
  for (const [i, place] of places.entries()) all[place] = values[i] as number;
  return all;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

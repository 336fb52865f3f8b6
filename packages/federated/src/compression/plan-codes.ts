import { VesaliusError } from '@vesalius/errors';
import { type LayerShape, type Layout, valuesIn } from '../layer-values.ts';
import { type LayerCode, matrixOf } from './layer-code.ts';
import { quantizedBytes } from './quantize.ts';

export type CompressionMethod = 'float32' | '8-bit' | '4-bit' | 'ternary' | 'largest' | 'random' | 'low-rank';

export interface CompressionPlan {
  readonly method: CompressionMethod;
  /** Of what dense float32 takes: what `largest`, `random` and `low-rank` may use. */
  readonly share?: number;
}

/** Below, a layer's values say more than they cost: norms, biases. */
const SMALL = 256;
const SPARSE_BITS = 4;

/**
 * How each layer is sent, so that all of them together take about a share of the dense bytes. Small layers go in 8 bits; each large one gets the same
 * share of what is left.
 *
 * @throws INVALID_ARGUMENT for a share that is none
 */
export function planCodes(layout: Layout, { method, share = 1 }: CompressionPlan): ReadonlyMap<string, LayerCode> {
  if (!(share > 0 && share <= 1))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'share of the bytes',
      got: share,
      expected: 'above 0, at most 1',
    });
  const dense = 4 * layout.reduce((sum, layer) => sum + valuesIn(layer), 0);
  const small = layout.filter((layer) => valuesIn(layer) < SMALL);
  const smallBytes = small.reduce((sum, layer) => sum + quantizedBytes(valuesIn(layer), 8), 0);
  const largeDense = dense - 4 * small.reduce((sum, layer) => sum + valuesIn(layer), 0);
  const left = Math.max(0.001, (share * dense - smallBytes) / Math.max(1, largeDense));
  return new Map(layout.map((layer) => [layer.name, codeOf(layer, method, left)]));
}

function codeOf(layer: LayerShape, method: CompressionMethod, share: number): LayerCode {
  if (method === 'float32') return { kind: 'float32' };
  if (method === '8-bit' || valuesIn(layer) < SMALL) return { kind: 'quantized', bits: 8 };
  if (method === '4-bit') return { kind: 'quantized', bits: 4 };
  if (method === 'ternary') return { kind: 'quantized', bits: 'ternary' };
  if (method === 'low-rank') return lowRankCode(layer, share);
  const count = sparseCount(valuesIn(layer), share, method === 'largest');
  return { kind: method, count, bits: SPARSE_BITS };
}

/** A matrix too small to gain goes in 4 bits. */
function lowRankCode(layer: LayerShape, share: number): LayerCode {
  const { rows, columns } = matrixOf(layer, 1);
  const bytes = 4 * rows * columns * share;
  const rank = Math.max(1, Math.floor(bytes / (rows + columns)));
  return rank * (rows + columns) < (rows * columns) / 2
    ? { kind: 'low-rank', rank, bits: 8 }
    : { kind: 'quantized', bits: 4 };
}

/** The most values whose bits, and those of their places, fit the share. */
function sparseCount(length: number, share: number, places: boolean): number {
  const bitsFor = (count: number): number => {
    const p = count / length;
    const entropy = places && p < 1 ? -Math.log2(p) - ((1 - p) / p) * Math.log2(1 - p) : 0;
    return count * (SPARSE_BITS + entropy);
  };
  let [low, high] = [1, length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (bitsFor(middle) <= 32 * length * share) low = middle;
    else high = middle - 1;
  }
  return low;
}

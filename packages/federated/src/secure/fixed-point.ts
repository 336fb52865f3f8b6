import { VesaliusError } from '@vesalius/errors';
import { type LayerValues, type Layout, valuesIn } from '../layer-values.ts';

/**
 * How values become whole numbers modulo 2^32, in which masks hide everything: sums of `sites` values of magnitude up to `largest` stay
 * apart.
 */
export interface FixedPoint {
  readonly largest: number;
  readonly sites: number;
}

const RANGE = 2 ** 31 - 1;

const stepsPerUnit = ({ largest, sites }: FixedPoint): number => Math.floor(RANGE / sites - 1) / largest;

/** All layers of a layout one after the other; what is larger is cut to `largest`. @throws DATA_MISMATCH, NOT_FINITE */
export function toWholeNumbers(values: LayerValues, layout: Layout, fixed: FixedPoint): Uint32Array<ArrayBuffer> {
  const per = stepsPerUnit(fixed);
  const all = new Uint32Array(layout.reduce((sum, layer) => sum + valuesIn(layer), 0));
  let at = 0;
  for (const layer of layout) {
    const part = values.get(layer.name);
    if (part?.length !== valuesIn(layer))
      throw new VesaliusError('DATA_MISMATCH', { what: layer.name, got: part?.length, expected: valuesIn(layer) });
    for (const value of part) {
      if (!Number.isFinite(value))
        throw new VesaliusError('NOT_FINITE', { what: layer.name, got: value, expected: 'a finite number' });
      all[at++] = Math.round(Math.max(-fixed.largest, Math.min(fixed.largest, value)) * per);
    }
  }
  return all;
}

export function fromWholeNumbers(numbers: Uint32Array, layout: Layout, fixed: FixedPoint): Map<string, Float32Array> {
  const per = stepsPerUnit(fixed);
  let at = 0;
  return new Map(
    layout.map((layer) => {
      const part = numbers.subarray(at, at + valuesIn(layer));
      at += part.length;
      return [layer.name, Float32Array.from(part, (value) => (value | 0) / per)];
    }),
  );
}

import type { LayerValues } from '../layer-values.ts';

/** What was added to a model, in the layers that are shared. */
export function changeOf(
  after: LayerValues,
  before: LayerValues,
  isShared: (layer: string) => boolean,
): Map<string, Float32Array> {
  const shared = [...after].filter(([layer]) => isShared(layer));
  return new Map(
    shared.map(([layer, values]) => {
      const from = before.get(layer) as Float32Array;
      return [layer, values.map((value, i) => value - (from[i] as number))];
    }),
  );
}

/** Adds a change to a model, in place. */
export function applyChange(model: LayerValues, change: LayerValues): void {
  for (const [layer, values] of change) {
    const into = model.get(layer) as Float32Array;
    for (const [i, value] of values.entries()) into[i] = (into[i] as number) + value;
  }
}

export const copyOf = (model: LayerValues): Map<string, Float32Array> =>
  new Map([...model].map(([layer, values]) => [layer, values.slice()]));

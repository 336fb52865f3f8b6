import type { LayerValues } from '../layer-values.ts';
import { weightedMean } from './fed-avg.ts';
import type { SiteUpdate, Strategy } from './strategy.ts';

const PARTS = ['first', 'second'] as const;

export interface FedOptOptions {
  readonly second: 'adam' | 'yogi';
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  /** Degree of adaptivity: added to the root of the second moment. */
  readonly tau?: number;
}

/**
 * The mean change is taken as a gradient, and the common model is moved by Adam or Yogi.
 *
 * @source Reddi et al. 2021, Adaptive federated optimization, algorithm 2
 */
export function fedOpt({ second, learningRate, beta1 = 0.9, beta2 = 0.99, tau = 1e-3 }: FedOptOptions): Strategy {
  const moments = new Map<string, { readonly first: Float32Array; readonly second: Float32Array }>();
  const momentsOf = (layer: string, length: number) => {
    const held = moments.get(layer) ?? {
      first: new Float32Array(length),
      second: new Float32Array(length).fill(tau ** 2),
    };
    moments.set(layer, held);
    return held;
  };
  const aggregate = (updates: readonly SiteUpdate[]): Map<string, Float32Array> => {
    const mean = weightedMean(updates);
    for (const [layer, change] of mean) {
      const held = momentsOf(layer, change.length);
      for (const [i, value] of change.entries()) {
        const square = value * value;
        const before = held.second[i] as number;
        const towards = second === 'adam' ? before - square : square * Math.sign(before - square);
        const m = beta1 * (held.first[i] as number) + (1 - beta1) * value;
        const v = before - (1 - beta2) * towards;
        held.first[i] = m;
        held.second[i] = v;
        change[i] = (learningRate * m) / (Math.sqrt(v) + tau);
      }
    }
    return mean;
  };
  const name = second === 'adam' ? 'FedAdam' : 'FedYogi';
  const memory = () =>
    new Map([...moments].flatMap(([layer, held]) => PARTS.map((part) => [`${part} ${layer}`, held[part]] as const)));
  const restore = (remembered: LayerValues): void => {
    for (const [key, first] of remembered) {
      const layer = key.slice('first '.length);
      const second = remembered.get(`second ${layer}`);
      if (key.startsWith('first ') && second) moments.set(layer, { first: first.slice(), second: second.slice() });
    }
  };
  return { name, needsSingleUpdates: false, isShared: () => true, aggregate, memory, restore };
}

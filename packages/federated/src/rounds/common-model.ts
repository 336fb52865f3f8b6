import type { CompressionPlan } from '../compression/plan-codes.ts';
import { decompressUpdate, UpdateCompressor } from '../compression/update-compressor.ts';
import { type LayerValues, type Layout, valuesIn } from '../layer-values.ts';
import type { SiteUpdate, Strategy } from '../strategies/strategy.ts';
import { applyChange, copyOf } from './change-of.ts';

export interface CommonModelOptions {
  /** Of all layers; those that the strategy shares are the common model. */
  readonly layout: Layout;
  readonly strategy: Strategy;
  readonly down: CompressionPlan;
  /** Of all rounding. */
  readonly seed: number;
}

/** How one site's change lay to the common one. */
export interface SiteShare {
  readonly site: string;
  /** Distance of the two, in lengths of the common one. */
  readonly drift: number;
  /** The part of the site's change that points along the common one, by the site's weight. */
  readonly contribution: number;
}

export interface ClosedRound {
  /** What leads every site from the model before to this one, the same for all. */
  readonly published: Uint8Array;
  readonly shares: readonly SiteShare[];
}

const PARTS = ['model', 'published', 'strategy'] as const;

/** The model that a coordinator keeps: the same updates lead to the same model, wherever it goes on from what was kept. */
export class CommonModel {
  readonly #options: CommonModelOptions;
  readonly #shared: Layout;
  readonly #model: Map<string, Float32Array>;
  readonly #publisher: UpdateCompressor;

  /** @param weights - to begin with, or what `kept` gave */
  constructor(options: CommonModelOptions, weights: LayerValues) {
    this.#options = options;
    this.#shared = options.layout.filter(({ name }) => options.strategy.isShared(name));
    this.#publisher = new UpdateCompressor({ layout: this.#shared, plan: options.down });
    const part = (name: (typeof PARTS)[number]) =>
      new Map(
        [...weights].flatMap(([key, v]) => (key.startsWith(`${name}:`) ? [[key.slice(name.length + 1), v]] : [])),
      );
    const model = part('model');
    this.#model = copyOf(model.size > 0 ? model : new Map(this.#shared.map(({ name }) => [name, need(weights, name)])));
    this.#publisher.restore(part('published'));
    options.strategy.restore?.(part('strategy'));
  }

  /** The shared layers. */
  get model(): LayerValues {
    return this.#model;
  }

  get shared(): Layout {
    return this.#shared;
  }

  /** Everything that it goes on from. */
  kept(): Map<string, Float32Array> {
    const parts = {
      model: this.#model,
      published: this.#publisher.memory(),
      strategy: this.#options.strategy.memory?.() ?? new Map<string, Float32Array>(),
    };
    return new Map(PARTS.flatMap((part) => [...parts[part]].map(([name, values]) => [`${part}:${name}`, values])));
  }

  /** @param round - from 1 */
  close(round: number, updates: readonly SiteUpdate[]): ClosedRound {
    const { strategy, down, seed } = this.#options;
    const change = strategy.aggregate(updates);
    const rounding = downSeed(seed, round);
    const published = this.#publisher.compress(change, rounding);
    applyChange(this.#model, decompressUpdate(published, { layout: this.#shared, plan: down }, rounding));
    return { published, shares: sharesOf(updates, change) };
  }
}

/** What both ends round a round's common change by. */
export const downSeed = (seed: number, round: number): string => `${seed} down ${round}`;

/** What a site and the coordinator round its change by. */
export const upSeed = (seed: number, site: string, round: number): string => `${seed} ${site} ${round}`;

/** The layers one after another, little-endian: what a model's hash is of. */
export function joinLayers(layout: Layout, values: LayerValues): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(layout.reduce((sum, layer) => sum + 4 * valuesIn(layer), 0));
  let at = 0;
  for (const { name } of layout) {
    const layer = need(values, name);
    bytes.set(new Uint8Array(layer.buffer, layer.byteOffset, layer.byteLength), at);
    at += layer.byteLength;
  }
  return bytes;
}

/** @returns nothing for bytes that are not of the layout */
export function splitLayers(layout: Layout, bytes: Uint8Array): Map<string, Float32Array> | undefined {
  if (bytes.length !== layout.reduce((sum, layer) => sum + 4 * valuesIn(layer), 0)) return undefined;
  let at = 0;
  return new Map(
    layout.map((layer) => {
      // A Buffer's slice would be a view.
      const part = Uint8Array.from(bytes.subarray(at, at + 4 * valuesIn(layer)));
      at += part.length;
      return [layer.name, new Float32Array(part.buffer)];
    }),
  );
}

function sharesOf(updates: readonly SiteUpdate[], common: LayerValues): SiteShare[] {
  const length = Math.sqrt(dot(common, common)) || 1;
  const all = updates.reduce((sum, { examples }) => sum + examples, 0) || 1;
  return updates.map(({ site, change, examples }) => {
    const along = dot(change, common);
    const distance = Math.sqrt(Math.max(0, dot(change, change) - 2 * along + length * length));
    return { site, drift: distance / length, contribution: ((examples / all) * along) / (length * length) };
  });
}

function dot(a: LayerValues, b: LayerValues): number {
  let sum = 0;
  for (const [layer, values] of a) {
    const other = b.get(layer);
    for (let i = 0; i < values.length; i++) sum += (values[i] as number) * (other?.[i] ?? 0);
  }
  return sum;
}

function need(values: LayerValues, name: string): Float32Array {
  return values.get(name) ?? new Float32Array();
}

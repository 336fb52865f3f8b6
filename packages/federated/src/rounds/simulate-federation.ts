import { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { CompressionPlan } from '../compression/plan-codes.ts';
import { decompressUpdate, UpdateCompressor } from '../compression/update-compressor.ts';
import type { LayerValues, Layout } from '../layer-values.ts';
import { ScaffoldCommon, ScaffoldSite } from '../strategies/scaffold.ts';
import type { SiteUpdate, Strategy } from '../strategies/strategy.ts';
import { applyChange, changeOf, copyOf } from './change-of.ts';
import type { LocalSite } from './local-site.ts';

export interface FederationOptions {
  readonly sites: readonly LocalSite[];
  readonly strategy: Strategy;
  /** All layers of the model, shared or not. */
  readonly layout: Layout;
  /** To begin with. */
  readonly weights: LayerValues;
  readonly rounds: number;
  readonly localSteps: number;
  /** Of local training. */
  readonly learningRate: number;
  /** Sites that take part in a round; all by default. */
  readonly sitesPerRound?: number;
  /** From the sites; dense float32 by default. */
  readonly up?: CompressionPlan;
  /** To the sites. */
  readonly down?: CompressionPlan;
  /** Momentum of what the sites send, where they leave values out. */
  readonly momentum?: number;
  readonly scaffold?: boolean;
  /** Of the choice of sites and of all rounding. */
  readonly seed: number;
}

export interface RoundRecord {
  /** From 1. */
  readonly round: number;
  readonly sites: readonly string[];
  /** Of updates alone, without the protocol about them. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** What a site has now: the common model with its own layers. */
  readonly modelOf: (site: string) => LayerValues;
  /** The common model, with the first weights where a layer is not shared. */
  readonly common: LayerValues;
}

const DENSE: CompressionPlan = { method: 'float32' };

/**
 * A federation in one process, round by round: what sites send and receive is really made small and opened again, and counted. Sites train one
 * after another.
 *
 * @throws INVALID_ARGUMENT without sites
 */
export async function* simulateFederation(options: FederationOptions): AsyncGenerator<RoundRecord> {
  if (options.sites.length === 0)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'sites of a federation', got: 0, expected: '1 or more' });
  const federation = new Federation(options);
  for (let round = 1; round <= options.rounds; round++) yield await federation.round(round);
}

/** What is known of a site from round to round. */
interface Held {
  readonly site: LocalSite;
  /** The common model as it last received it, with its own layers. */
  readonly model: Map<string, Float32Array>;
  readonly compressor: UpdateCompressor;
  readonly scaffold: ScaffoldSite | undefined;
  /** Rounds whose changes it has received; nothing before the first model. */
  seen: number | undefined;
}

class Federation {
  readonly #options: FederationOptions;
  readonly #shared: Layout;
  readonly #held: readonly Held[];
  readonly #common: Map<string, Float32Array>;
  readonly #publisher: UpdateCompressor;
  readonly #variates: ScaffoldCommon | undefined;
  /** Published, one a round. */
  readonly #changes: Uint8Array[] = [];

  constructor(options: FederationOptions) {
    const { layout, strategy, weights, sites, up = DENSE, down = DENSE, momentum = 0, scaffold = false } = options;
    this.#options = options;
    this.#shared = layout.filter(({ name }) => strategy.isShared(name));
    this.#common = copyOf(weights);
    this.#publisher = new UpdateCompressor({ layout: this.#shared, plan: down });
    this.#variates = scaffold ? new ScaffoldCommon(this.#shared, sites.length) : undefined;
    this.#held = sites.map((site) => ({
      site,
      model: copyOf(weights),
      compressor: new UpdateCompressor({ layout: this.#shared, plan: up, momentum }),
      scaffold: scaffold ? new ScaffoldSite(this.#shared) : undefined,
      seen: undefined,
    }));
  }

  async round(round: number): Promise<RoundRecord> {
    const { strategy, seed, sitesPerRound = this.#held.length, down = DENSE } = this.#options;
    const chosen = new Random(seed)
      .fork('sites')
      .fork(round)
      .shuffle([...this.#held])
      .slice(0, sitesPerRound);
    let [bytesUp, bytesDown] = [0, 0];
    const updates: SiteUpdate[] = [];
    const variates: LayerValues[] = [];
    for (const held of chosen) {
      bytesDown += this.#bringUpToDate(held);
      const { update, variate, bytes } = await this.#train(held, round);
      bytesUp += bytes;
      updates.push(update);
      if (variate) variates.push(variate);
    }
    this.#variates?.add(variates);
    const published = this.#publisher.compress(strategy.aggregate(updates), this.#seedOf('down', round));
    this.#changes.push(published);
    applyChange(
      this.#common,
      decompressUpdate(published, { layout: this.#shared, plan: down }, this.#seedOf('down', round)),
    );
    return {
      round,
      sites: chosen.map(({ site }) => site.name),
      bytesUp,
      bytesDown,
      common: this.#common,
      modelOf: (name) => this.#modelOf(name),
    };
  }

  async #train({ site, model, compressor, scaffold }: Held, round: number) {
    const { localSteps: steps, learningRate, strategy, up = DENSE } = this.#options;
    const before = copyOf(model);
    const common = this.#variates?.variate;
    const correction = common && scaffold?.correction(common);
    const seed = this.#seedOf(site.name, round);
    const after = await site.train({ weights: before, steps, learningRate, seed, ...(correction && { correction }) });
    const change = changeOf(after, before, strategy.isShared);
    const bytes = compressor.compress(change, seed);
    // Layers of its own stay as it trained them.
    for (const [layer, values] of after) if (!strategy.isShared(layer)) model.set(layer, values);
    const variate = common && scaffold?.finish(common, change, { steps, learningRate });
    const received = decompressUpdate(bytes, { layout: this.#shared, plan: up }, seed);
    return {
      update: { site: site.name, examples: site.examples, change: received },
      variate,
      // A variate is as large as a dense update.
      bytes: bytes.length + (variate ? this.#shared.length * 4 + denseBytes(variate) : 0),
    };
  }

  /** All changes since it last took part; the whole model where that is less. */
  #bringUpToDate(held: Held): number {
    const { down = DENSE } = this.#options;
    let bytes = 0;
    for (let round = (held.seen ?? 0) + 1; round <= this.#changes.length; round++) {
      const published = this.#changes[round - 1] as Uint8Array;
      bytes += published.length;
      applyChange(
        held.model,
        decompressUpdate(published, { layout: this.#shared, plan: down }, this.#seedOf('down', round)),
      );
    }
    const first = held.seen === undefined;
    held.seen = this.#changes.length;
    return first ? denseBytes(this.#common) : Math.min(bytes, denseBytes(this.#common));
  }

  #modelOf(name: string): LayerValues {
    const held = this.#held.find(({ site }) => site.name === name);
    const own = [...(held?.model ?? [])].filter(([layer]) => !this.#options.strategy.isShared(layer));
    return new Map([...this.#common, ...own]);
  }

  #seedOf(who: string, round: number): string {
    return `${this.#options.seed} ${who} ${round}`;
  }
}

const denseBytes = (values: LayerValues): number =>
  [...values.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);

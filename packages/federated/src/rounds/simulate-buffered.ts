import { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { decompressUpdate, UpdateCompressor } from '../compression/update-compressor.ts';
import type { LayerValues } from '../layer-values.ts';
import type { SiteUpdate } from '../strategies/strategy.ts';
import { applyChange, changeOf, copyOf } from './change-of.ts';
import type { LocalSite } from './local-site.ts';
import type { FederationOptions, RoundRecord } from './simulate-federation.ts';

export interface BufferedOptions extends Omit<FederationOptions, 'sitesPerRound' | 'down' | 'momentum' | 'scaffold'> {
  /** Changes that make a round, whoever they come from. */
  readonly buffer: number;
  /** How long a site takes for its steps, of some unit; a random time about 1 by default. */
  readonly durationOf?: (site: string, time: number) => number;
}

export interface BufferedRecord extends RoundRecord {
  /** When the round ended, in the unit of the durations. */
  readonly time: number;
  /** Of the changes of the round: how many rounds ended while the site trained. */
  readonly staleness: readonly number[];
}

interface Working {
  readonly site: LocalSite;
  readonly began: number;
  readonly ends: number;
  readonly model: LayerValues;
}

/**
 * A federation without waiting: every site trains all the time, begins anew with the newest model as soon as it has sent its change, and a round
 * ends when enough changes have come. Slow sites hold up nobody; what they send is older, which the strategy weighs (`fedBuff`).
 *
 * @throws INVALID_ARGUMENT without sites, or for a buffer below 1
 * @source Nguyen et al. 2022, Federated learning with buffered asynchronous aggregation
 */
export async function* simulateBuffered(options: BufferedOptions): AsyncGenerator<BufferedRecord> {
  const { sites, strategy, layout, rounds, buffer, localSteps: steps, learningRate, seed } = options;
  if (sites.length === 0 || !(Number.isInteger(buffer) && buffer > 0))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'federation',
      got: `${sites.length} sites, a buffer of ${buffer}`,
      expected: '1 or more of each',
    });
  const shared = layout.filter(({ name }) => strategy.isShared(name));
  const plan = options.up ?? { method: 'float32' };
  const compressors = new Map(sites.map(({ name }) => [name, new UpdateCompressor({ layout: shared, plan })]));
  const own = new Map(sites.map(({ name }) => [name, copyOf(options.weights)]));
  const common = copyOf(options.weights);
  const random = new Random(seed).fork('durations');
  const durationOf = options.durationOf ?? (() => 0.5 + random.uniform());
  const modelOf = (name: string): Map<string, Float32Array> =>
    new Map([...(own.get(name) ?? []), ...[...common].filter(([layer]) => strategy.isShared(layer))]);
  let round = 0;
  let sent = 0;
  const begin = (site: LocalSite, now: number): Working => ({
    site,
    began: round,
    ends: now + durationOf(site.name, now),
    model: copyOf(modelOf(site.name)),
  });
  const working = sites.map((site) => begin(site, 0));
  let waiting: SiteUpdate[] = [];
  let [bytesUp, bytesDown] = [0, sites.length * denseBytes(common)];
  while (round < rounds) {
    const next = working.reduce((first, one) => (one.ends < first.ends ? one : first));
    const { site, began, ends, model } = next;
    const place = `${seed} ${site.name} ${++sent}`;
    const after = await site.train({ weights: model, steps, learningRate, seed: place });
    const bytes = (compressors.get(site.name) as UpdateCompressor).compress(
      changeOf(after, model, strategy.isShared),
      place,
    );
    bytesUp += bytes.length;
    for (const [layer, values] of after) if (!strategy.isShared(layer)) own.get(site.name)?.set(layer, values);
    const change = decompressUpdate(bytes, { layout: shared, plan }, place);
    waiting.push({ site: site.name, examples: site.examples, change, staleness: round - began });
    if (waiting.length === buffer) {
      applyChange(common, strategy.aggregate(waiting));
      round++;
      const [names, staleness] = [waiting.map((one) => one.site), waiting.map((one) => one.staleness ?? 0)];
      yield { round, sites: names, bytesUp, bytesDown, common, modelOf, time: ends, staleness };
      waiting = [];
      [bytesUp, bytesDown] = [0, 0];
    }
    working[working.indexOf(next)] = begin(site, ends);
    bytesDown += denseBytes(common);
  }
}

const denseBytes = (values: LayerValues): number =>
  [...values.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);

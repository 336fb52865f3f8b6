import { sgd } from '@vesalius/engine';
import {
  COARSE_INTERVAL,
  compressionNamed,
  cryptographicNormal,
  type LocalSite,
  lossEpsilon,
  noiseFor,
  type RoundRecord,
  simulateFederation,
  strategyNamed,
} from '@vesalius/federated';
import {
  type ClassifierSetup,
  type ClassifierTrainer,
  computeAveragePrecision,
  computeRocAuc,
  countOf,
  createClassifierScorer,
  createClassifierTrainer,
  type LabelledImages,
  type PrivacySetup,
  pickImages,
  shareOut,
} from '@vesalius/medical';
import type { CommandArguments } from '../commands/command.ts';
import type { FEDERATE_OPTIONS } from '../commands/federate.ts';
import { batchBound, classifierNetwork, PROXIMAL_WEIGHT } from './classifier-network.ts';
import type { ImageSet } from './read-images.ts';

export type SimulationOptions = CommandArguments<typeof FEDERATE_OPTIONS>['options'];

export interface SimulatedRound {
  readonly round: number;
  readonly sites: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Of the validation images: of the common model, or the mean over sites whose models differ. */
  readonly auc: number;
  readonly averagePrecision: number;
  /** Spent so far by the site that has spent most; without private training none. */
  readonly epsilon?: number;
}

interface Parts {
  readonly training: ImageSet;
  readonly validation: LabelledImages;
}

const SCORED_AT_ONCE = 64;

/** Trains one nodule classifier over sites that this process makes of one set of images. */
export async function* simulate(
  { training, validation }: Parts,
  options: SimulationOptions,
): AsyncGenerator<SimulatedRound> {
  const { sites, seed, threads, rounds } = options;
  const { imageShape } = training;
  const network = classifierNetwork(imageShape);
  const shares = shareOut(training, { sites, alpha: options.alpha, shift: options.shift, seed });
  const privacies = shares.map((share) => privacyOf(share, options));
  const trainers = new Trainers(options, { network, imageShape });
  const scorer = await createClassifierScorer({ network, imageShape, batchSize: SCORED_AT_ONCE }, { threads });
  try {
    const first = await trainers.for(privacies[0]);
    const federation = simulateFederation({
      sites: shares.map((share, n) => siteOf(`site ${n + 1}`, share, () => trainers.for(privacies[n]))),
      strategy: strategyNamed(options.strategy, options['sites-per-round'] ?? sites),
      layout: first.parameters,
      weights: first.weights(),
      rounds,
      localSteps: options['local-steps'],
      learningRate: options['learning-rate'],
      sitesPerRound: options['sites-per-round'] ?? sites,
      up: compressionNamed(options.up),
      down: compressionNamed(options.down),
      momentum: options.momentum,
      scaffold: options.strategy === 'scaffold',
      seed,
    });
    const taken = new Map<string, number>();
    for await (const record of federation) {
      for (const site of record.sites) taken.set(site, (taken.get(site) ?? 0) + options['local-steps']);
      const scores = await scoresOf(record, {
        shares,
        ownModels: ['fedbn', 'fedper'].includes(options.strategy),
        score: (weights) => scorer.score(weights, validation),
      });
      const spent = privacies.flatMap((privacy, n) =>
        privacy
          ? [lossEpsilon([{ ...privacy, steps: taken.get(`site ${n + 1}`) ?? 0 }], options.delta, COARSE_INTERVAL)]
          : [],
      );
      yield {
        round: record.round,
        sites: record.sites.length,
        bytesUp: record.bytesUp,
        bytesDown: record.bytesDown,
        auc: mean(scores.map((score) => computeRocAuc(score, validation.labels))),
        averagePrecision: mean(scores.map((score) => computeAveragePrecision(score, validation.labels))),
        ...(spent.length > 0 && { epsilon: Math.max(...spent) }),
      };
    }
  } finally {
    await trainers.close();
    await scorer.close();
  }
}

/** Sites that train alike share one compiled network: they train one after another. */
class Trainers {
  readonly #options: SimulationOptions;
  readonly #network: Pick<ClassifierSetup, 'network' | 'imageShape'>;
  readonly #made = new Map<string, Promise<ClassifierTrainer>>();

  constructor(options: SimulationOptions, network: Pick<ClassifierSetup, 'network' | 'imageShape'>) {
    this.#options = options;
    this.#network = network;
  }

  for(privacy: PrivacySetup | undefined): Promise<ClassifierTrainer> {
    const { batch, strategy, seed, threads } = this.#options;
    const key = JSON.stringify(privacy ?? 'plain');
    const batchSize = privacy ? batchBound(batch) : batch;
    const setup: ClassifierSetup = {
      ...this.#network,
      batchSize,
      optimizer: sgd(),
      flipAxes: this.#network.imageShape.slice(1).map((_, axis) => axis),
      ...(privacy && { privacy }),
      ...(strategy === 'fedprox' && { proximalWeight: PROXIMAL_WEIGHT }),
      ...(strategy === 'scaffold' && { corrected: true }),
    };
    const made = this.#made.get(key) ?? createClassifierTrainer(setup, { seed, threads });
    this.#made.set(key, made);
    return made;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#made.values()].map(async (trainer) => (await trainer).close()));
  }
}

/** The noise by which a site's share of all rounds spends its epsilon. */
function privacyOf(share: LabelledImages, options: SimulationOptions): PrivacySetup | undefined {
  if (options.epsilon === undefined) return undefined;
  const sampleRate = Math.min(1, options.batch / countOf(share));
  const steps = options.rounds * options['local-steps'];
  const noiseMultiplier = noiseFor(options.epsilon, { sampleRate, steps }, options.delta);
  return { clipNorm: options['clip-norm'], noiseMultiplier, sampleRate, noise: cryptographicNormal };
}

function siteOf(name: string, share: LabelledImages, trainer: () => Promise<ClassifierTrainer>): LocalSite {
  return {
    name,
    examples: countOf(share),
    train: async ({ weights, ...work }) => {
      const ready = await trainer();
      ready.start(weights);
      await ready.train(share, work);
      return ready.weights();
    },
  };
}

interface Scoring {
  readonly shares: readonly LabelledImages[];
  readonly ownModels: boolean;
  readonly score: (weights: ReadonlyMap<string, Float32Array>) => Promise<Float32Array>;
}

/** Probabilities of class 1, of each model there is. */
async function scoresOf(
  { common, modelOf }: RoundRecord,
  { shares, ownModels, score }: Scoring,
): Promise<Float32Array[]> {
  const models = ownModels ? shares.map((_, n) => modelOf(`site ${n + 1}`)) : [common];
  const scores: Float32Array[] = [];
  for (const model of models) scores.push((await score(model)).filter((_, i) => i % 2 === 1));
  return scores;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A fifth, by number, where no other images are at hand. */
export function setAside(all: ImageSet): Parts {
  const numbers = Array.from({ length: countOf(all) }, (_, n) => n);
  const training = pickImages(
    all,
    numbers.filter((n) => n % 5 !== 4),
  );
  return {
    training: { ...training, imageShape: all.imageShape },
    validation: pickImages(
      all,
      numbers.filter((n) => n % 5 === 4),
    ),
  };
}

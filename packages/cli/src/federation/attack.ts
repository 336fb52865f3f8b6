import { Random, sgd } from '@vesalius/engine';
import { cryptographicNormal, noiseFor } from '@vesalius/federated';
import {
  type ClassifierSetup,
  countOf,
  createClassifierScorer,
  createClassifierTrainer,
  groupNormResNet,
  inferMembership,
  invertGradients,
  type LabelledImages,
  type PrivacySetup,
  pickImages,
} from '@vesalius/medical';
import type { ImageSet } from './read-images.ts';
import type { SimulationOptions } from './simulate.ts';

/** What an attacker learns of a site's images from what leaves the site. */
export interface AttackReport {
  /** From the model after all steps: 0.5 tells nothing, 1 tells who was in the training. */
  readonly membershipAuc: number;
  /** The most by which true alarms outnumber false ones, 0 to 1. */
  readonly membershipAdvantage: number;
  /** Correlation of one image with what its update gives away, mean over images: 1 is the image itself. */
  readonly inversionCorrelation: number;
  /** Of the training that was attacked, if it was private. */
  readonly epsilon?: number;
}

const SCORED_AT_ONCE = 64;
/** Images whose updates are inverted: each takes hundreds of steps. */
const INVERTED = 2;
const BATCH_DEVIATIONS = 6;
/** Voxels along an axis. */
const LARGE = 32;

/** Trains on half of the images as a site would, then attacks the model by membership and single updates by inversion. */
export async function attack(all: ImageSet, options: SimulationOptions): Promise<AttackReport> {
  // Drawn, as files are often sorted by label.
  const numbers = new Random(options.seed).shuffle(Array.from({ length: countOf(all) }, (_, n) => n));
  const [members, others] = [0, 1].map((part) =>
    pickImages(
      all,
      numbers.filter((_, i) => i % 2 === part),
    ),
  ) as [LabelledImages, LabelledImages];
  const { imageShape } = all;
  const stemStride = Math.max(...imageShape) > LARGE ? 2 : 1;
  const network: ClassifierSetup['network'] = (scope, x) => groupNormResNet(scope, x, { numClasses: 2, stemStride });
  const site = { network, imageShape, members, others };
  const { auc, advantage } = await membership(site, options);
  return {
    membershipAuc: auc,
    membershipAdvantage: advantage,
    inversionCorrelation: await inversion(site, options),
    ...(options.epsilon !== undefined && { epsilon: options.epsilon }),
  };
}

interface Site extends Pick<ClassifierSetup, 'network' | 'imageShape'> {
  readonly members: LabelledImages;
  readonly others: LabelledImages;
}

async function membership({ network, imageShape, members, others }: Site, options: SimulationOptions) {
  const { batch, seed, threads, rounds } = options;
  const steps = rounds * options['local-steps'];
  const privacy = privacyOf(options, { sampleRate: Math.min(1, batch / countOf(members)), steps });
  const batchSize = privacy ? Math.ceil(batch + BATCH_DEVIATIONS * Math.sqrt(batch)) : batch;
  const setup = { network, imageShape, batchSize, optimizer: sgd(), ...(privacy && { privacy }) };
  const trainer = await createClassifierTrainer(setup, { seed, threads });
  const scorer = await createClassifierScorer({ network, imageShape, batchSize: SCORED_AT_ONCE }, { threads });
  try {
    await trainer.train(members, { steps, learningRate: options['learning-rate'], seed });
    const weights = trainer.weights();
    const known = { probabilities: await scorer.score(weights, members), labels: members.labels };
    const strange = { probabilities: await scorer.score(weights, others), labels: others.labels };
    return inferMembership(known, strange);
  } finally {
    await trainer.close();
    await scorer.close();
  }
}

/** Of updates by one step on one image, the worst case of small batches. */
async function inversion({ network, imageShape, members }: Site, options: SimulationOptions): Promise<number> {
  const { seed, threads, rounds } = options;
  const privacy = privacyOf(options, { sampleRate: 1, steps: rounds });
  const setup = { network, imageShape, batchSize: 1, optimizer: sgd(), ...(privacy && { privacy }) };
  const trainer = await createClassifierTrainer(setup, { seed, threads });
  try {
    const weights = trainer.weights();
    let sum = 0;
    for (let n = 0; n < INVERTED; n++) {
      const one = pickImages(members, [n]);
      trainer.start(weights);
      await trainer.train(one, { steps: 1, learningRate: 1, seed: n });
      const after = trainer.weights();
      const gradients = new Map(
        [...weights].map(([name, before]) => [
          name,
          before.map((value, i) => value - (after.get(name)?.[i] ?? Number.NaN)),
        ]),
      );
      const stolen = { weights, gradients, label: one.labels[0] ?? 0 };
      const { image } = await invertGradients({ network, imageShape }, stolen, { threads, seed });
      sum += correlation(image, one.images);
    }
    return sum / INVERTED;
  } finally {
    await trainer.close();
  }
}

function privacyOf(
  { epsilon, delta, 'clip-norm': clipNorm }: SimulationOptions,
  mechanism: { readonly sampleRate: number; readonly steps: number },
): PrivacySetup | undefined {
  if (epsilon === undefined) return undefined;
  const noiseMultiplier = noiseFor(epsilon, mechanism, delta);
  return { clipNorm, noiseMultiplier, sampleRate: mechanism.sampleRate, noise: cryptographicNormal };
}

function correlation(a: Float32Array, b: Float32Array): number {
  const [x, y] = [a, b].map(centred) as [Float64Array, Float64Array];
  return dot(x, y) / Math.sqrt(Math.max(1e-20, dot(x, x) * dot(y, y)));
}

function centred(values: Float32Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Float64Array.from(values, (value) => value - mean);
}

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

import { Random, sgd } from '@vesalius/engine';
import {
  cryptographicNormal,
  lossEpsilon,
  RENYI_ORDERS,
  renyiEpsilon,
  type SampledGaussian,
} from '@vesalius/federated';
import {
  type ClassifierTrainer,
  createClassifierTrainer,
  groupNormResNet,
  type LabelledImages,
  type PrivacySetup,
} from '@vesalius/medical';
import type { Measure } from '../figure-result.ts';
import { askPeers } from './ask-peers.ts';

const SEED = 20_261_123;
const MECHANISMS = 200;
const SIDE = 12;
const IMAGES = 12;
const CLIP_NORM = 0.7;
const NOISE_MULTIPLIER = 1.9;

type Mechanism = SampledGaussian & { readonly delta: number };

/** Epsilon of random mechanisms by both accountants beside the libraries', and what a private step really gives away, on its update itself. */
export const measure: Measure = async ({ quick, log }) => {
  const mechanisms = drawn(quick ? 20 : MECHANISMS);
  log(`${mechanisms.length} mechanisms for the peers`);
  const answers = askPeers<{ losses: number; renyi: number }[]>('epsilon.py', { mechanisms, orders: RENYI_ORDERS });
  const worst = { lossRelativeError: 0, lossBelow: 0, renyiRelativeError: 0 };
  for (const [i, { losses, renyi }] of answers.entries()) {
    const { delta, ...mechanism } = mechanisms[i] as Mechanism;
    const off = lossEpsilon([mechanism], delta) / losses - 1;
    worst.lossRelativeError = Math.max(worst.lossRelativeError, Math.abs(off));
    worst.lossBelow = Math.max(worst.lossBelow, -off);
    const bound = renyiEpsilon([mechanism], delta).epsilon / renyi - 1;
    worst.renyiRelativeError = Math.max(worst.renyiRelativeError, Math.abs(bound));
    if ((i + 1) % 50 === 0) log(`${i + 1}: ${JSON.stringify(worst)}`);
  }
  return { figure: { mechanisms: answers.length, ...worst, ...(await checkUpdates(quick ? 4 : 40)) }, peer: {} };
};

function drawn(count: number): Mechanism[] {
  const random = new Random(SEED);
  return Array.from({ length: count }, () => {
    const all = random.uniform() < 0.1;
    const between = (low: number, high: number) => low + (high - low) * random.uniform();
    return {
      sampleRate: all ? 1 : 10 ** between(-3, -0.7),
      noiseMultiplier: all ? between(3, 12) : between(0.7, 4),
      steps: Math.floor(10 ** between(0, all ? 1.6 : 3.5)),
      delta: 10 ** between(-7, -3.5),
    };
  });
}

/**
 * From what one private step changes in the weights, times the images expected in it: how far each image alone moves it, in units of the
 * clipping norm, and the deviation of the noise over what it should be.
 */
async function checkUpdates(noisySteps: number): Promise<Record<string, number>> {
  const all = randomImages();
  const still = await trainer((length) => new Float32Array(length));
  const sum = await updateOf(still, all);
  let influence = 0;
  for (let left = 0; left < IMAGES; left++)
    influence = Math.max(influence, normOf(minus(sum, await updateOf(still, without(all, left)))) / CLIP_NORM);
  await still.close();
  const noisy = await trainer(cryptographicNormal);
  let [squares, count] = [0, 0];
  for (let i = 0; i < noisySteps; i++)
    for (const value of minus(await updateOf(noisy, all), sum)) {
      squares += value * value;
      count++;
    }
  await noisy.close();
  const deviation = Math.sqrt(squares / count) / (NOISE_MULTIPLIER * CLIP_NORM);
  return { largestInfluence: influence, noiseDeviationError: Math.abs(deviation - 1), noiseSamples: count };
}

function trainer(noise: PrivacySetup['noise']): Promise<ClassifierTrainer> {
  return createClassifierTrainer(
    {
      network: (scope, x) => groupNormResNet(scope, x, { numClasses: 2 }),
      imageShape: [1, SIDE, SIDE],
      batchSize: IMAGES,
      optimizer: sgd(),
      privacy: { clipNorm: CLIP_NORM, noiseMultiplier: NOISE_MULTIPLIER, sampleRate: 1, noise },
    },
    { seed: 3, threads: 1 },
  );
}

function randomImages(): LabelledImages {
  const random = new Random(SEED).fork('images');
  const images = Float32Array.from({ length: IMAGES * SIDE * SIDE }, () => 3 * random.normal());
  return { images, labels: Uint8Array.from({ length: IMAGES }, (_, i) => i % 2) };
}

function without({ images, labels }: LabelledImages, left: number): LabelledImages {
  const each = SIDE * SIDE;
  return {
    images: images.filter((_, i) => Math.floor(i / each) !== left),
    labels: labels.filter((_, i) => i !== left),
  };
}

/** The noised sum of clipped gradients that one step really applied, all parameters one after the other. */
async function updateOf(of: ClassifierTrainer, images: LabelledImages): Promise<Float64Array> {
  const before = of.weights();
  await of.train(images, { steps: 1, seed: 1, learningRate: 1 });
  const after = of.weights();
  of.start(before);
  const expected = images.labels.length;
  return Float64Array.from(
    [...before].flatMap(([name, values]) =>
      [...values].map((value, i) => (value - (after.get(name)?.[i] ?? Number.NaN)) * expected),
    ),
  );
}

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - (b[i] as number));
const normOf = (a: Float64Array): number => Math.sqrt(a.reduce((sum, value) => sum + value * value, 0));

import { VesaliusError } from '@vesalius/errors';
import {
  drawPatients,
  fitTransformer,
  IMAGENET_COLOURS,
  type LabelledImages,
  patientsInSeveralParts,
  type VisionTransformerOptions,
} from '@vesalius/medical';
import { createTransferClassifier, type TransferMethod } from '@vesalius/methods';
import { stopIfInterrupted } from '../interruption.ts';
import type { StoredWeights } from '../weights/weights-store.ts';
import { reportsOf } from './ask-classifier.ts';
import type { ClassificationData } from './classification-data.ts';
import type { ClassifierCard } from './classifier-model.ts';
import { fileActivations } from './file-activations.ts';
import { type Preparation, preparePictures } from './prepare-pictures.ts';

export interface TrainClassifierOptions {
  readonly method: TransferMethod;
  readonly side: number;
  readonly channels: 1 | 3;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate?: number | undefined;
  readonly layerDecay: number;
  readonly seed: number;
  readonly threads: number;
  /** Where activations are kept; they are not kept without it. */
  readonly cache?: string | undefined;
  readonly signal: AbortSignal;
  readonly onStep: (done: number, loss: number) => void;
}

/** Of each way, where none is given: what served on CT patches and films. */
const LEARNING_RATES: Readonly<Record<TransferMethod, number>> = {
  'head-3': 1e-3,
  'blocks-3': 3e-4,
  full: 1e-4,
  'linear-probe': 3e-3,
  lora: 1e-3,
  prompts: 3e-3,
};

const HALF = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] } as const;
const LOOKS = 50;

export interface Parts {
  readonly training: ClassificationData;
  readonly validation: ClassificationData;
}

/**
 * Cases of some patients are set aside, of every class alike.
 *
 * @param labelShare - of the rest's labels that are taken to be known
 */
export function partsOf(
  data: ClassificationData,
  { share, labelShare, seed }: { share: number; labelShare: number; seed: number },
): Parts {
  const { labels, patients } = data;
  const aside = new Set(drawPatients(labels, { share, seed: `${seed}/validation`, patients }));
  const rest = Array.from(labels, (_, n) => n).filter((n) => !aside.has(n));
  return { training: shareOfLabels(pick(data, rest), labelShare, seed), validation: pick(data, [...aside]) };
}

/** Few labels: those of a share of the patients. */
export function shareOfLabels(data: ClassificationData, share: number, seed: number): ClassificationData {
  const { labels, patients } = data;
  return share === 1 ? data : pick(data, drawPatients(labels, { share, seed: `${seed}/labels`, patients }));
}

function pick(data: ClassificationData, chosen: readonly number[]): ClassificationData {
  const of = <T>(values: readonly T[]): T[] => chosen.map((n) => values[n] as T);
  return {
    ...data,
    pictures: of(data.pictures),
    names: of(data.names),
    hashes: of(data.hashes),
    labels: Uint8Array.from(chosen, (n) => data.labels[n] as number),
    groups: new Map([...data.groups].map(([name, values]) => [name, of(values)])),
    ...(data.patients && { patients: of(data.patients) }),
  };
}

/**
 * Whether the parts are apart: no patient in both, no picture in both.
 *
 * @throws DATA_MISMATCH; the message counts and names nobody
 */
export function assertApart({ training, validation }: Parts): void {
  const patients = patientsInSeveralParts([training.patients ?? [], validation.patients ?? []]);
  const pictures = patientsInSeveralParts([training.hashes, validation.hashes]);
  if (patients.length + pictures.length === 0) return;
  throw new VesaliusError('DATA_MISMATCH', {
    what: 'training and validation',
    got: `${patients.length} patients and ${pictures.length} pictures in both`,
    expected: 'none',
  });
}

export interface TrainedClassifier {
  readonly card: Omit<ClassifierCard, 'format' | 'sha256'>;
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** Trains on one part and reports on the other. */
export async function trainClassifier(
  parts: Parts,
  { card, weights }: StoredWeights,
  options: TrainClassifierOptions,
): Promise<TrainedClassifier> {
  const { method, side, channels, batch, seed, threads, layerDecay, steps } = options;
  const preparation: Preparation = { side, channels, colours: card.colours === 'half' ? HALF : IMAGENET_COLOURS };
  const network = networkFrom({ card, weights }, preparation);
  const classes = parts.training.classes;
  const classifier = await createTransferClassifier(
    {
      ...network.form,
      method,
      numClasses: classes.length,
      imageShape: [channels, side, side],
      batchSize: batch,
      layerDecay,
      flipAxes: [],
      seed,
    },
    network.weights,
    { threads },
  );
  const store = options.cache === undefined ? undefined : fileActivations(options.cache);
  const prepared = (data: ClassificationData): Promise<LabelledImages> =>
    classifier.prepare(
      { images: preparePictures(data.pictures, preparation), labels: data.labels },
      { weights: card.sha256, preparation },
      store,
    );
  const started = process.cpuUsage();
  const shown = await prepared(parts.training);
  const learningRate = options.learningRate ?? LEARNING_RATES[method];
  const rateAt = (step: number): number => 0.5 * learningRate * (1 + Math.cos((Math.PI * step) / (steps + 1)));
  for (let taken = 0; taken < steps; ) {
    stopIfInterrupted(options.signal);
    const more = Math.min(steps - taken, Math.max(1, Math.round(steps / LOOKS)));
    const run = { steps: more, taken, seed: `${seed}/${taken}`, learningRate: rateAt };
    const { loss } = await classifier.trainer.train(shown, run);
    taken += more;
    options.onStep(taken, loss);
  }
  const { user, system } = process.cpuUsage(started);
  const probabilities = await classifier.score(await prepared(parts.validation));
  const trained = classifier.weights();
  await classifier.close();
  return {
    weights: trained,
    card: {
      classes,
      method,
      ...network.form,
      preparation,
      pretrained: { name: card.name, sha256: card.sha256, licence: card.licence, supervision: card.supervision },
      training: { steps, batch, learningRate, layerDecay, seed, cpuSeconds: (user + system) / 1e6 },
      trainedOn: parts.training.hashes,
      validation: reportsOf(parts.validation, probabilities),
    },
  };
}

type NetworkForm = { readonly transformer: VisionTransformerOptions } | { readonly convolutional: 'mobilenet-v2' };

/** The network of some weights, and they as it takes them for pictures of this size and these colours. */
function networkFrom(
  { card: { kind, options, name }, weights }: StoredWeights,
  { side, channels, colours }: Preparation,
): { readonly form: NetworkForm; readonly weights: ReadonlyMap<string, Float32Array> } {
  if (kind === 'vision-transformer' && options) {
    const patches = side / options.patchSize;
    if (!Number.isInteger(patches))
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: '--size',
        got: side,
        expected: `a multiple of ${options.patchSize}, the patch of ${name}`,
      });
    return {
      form: { transformer: options },
      weights: fitTransformer(weights, { grid: [patches, patches], channels, colours }),
    };
  }
  if (kind === 'mobilenet-v2')
    return {
      form: { convolutional: kind },
      weights: new Map([...weights].map(([own, { data }]) => [own, data as Float32Array])),
    };
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: '--weights',
    got: name,
    expected: 'a vision transformer, or MobileNetV2',
  });
}

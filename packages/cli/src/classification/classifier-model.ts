import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileBytes, readJsonFile, sha256, writeFolderAtomic } from '@vesalius/bundle/files';
import { readSafetensors, type WeightTensor, writeSafetensors } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { ClassificationReport, VisionTransformerOptions } from '@vesalius/medical';
import type { TransferMethod, TransferOptions } from '@vesalius/methods';
import type { Preparation } from './prepare-pictures.ts';

/** All that is needed to ask a classifier, and to tell what it was made of. */
export interface ClassifierCard {
  readonly format: 'vesalius-classifier-1';
  readonly classes: readonly string[];
  readonly method: TransferMethod;
  /** Which network: a vision transformer of this form, or a convolutional one. */
  readonly transformer?: VisionTransformerOptions;
  readonly convolutional?: 'mobilenet-v2';
  readonly preparation: Preparation;
  /** Of the weights that it began with. */
  readonly pretrained: {
    readonly name: string;
    readonly sha256: string;
    readonly licence: string;
    readonly supervision: string;
  };
  readonly training: {
    readonly steps: number;
    readonly batch: number;
    readonly learningRate: number;
    readonly layerDecay: number;
    readonly seed: number;
    readonly cpuSeconds: number;
  };
  /** First digits of the hashes of the pictures it was trained on, by which an evaluation knows them again. */
  readonly trainedOn: readonly string[];
  /** By class; of two classes that of the second. */
  readonly validation: Readonly<Record<string, ClassificationReport>>;
  readonly sha256: string;
}

/** As `transferNetwork` takes it. */
export function networkOf({ method, classes, transformer }: ClassifierCard): TransferOptions {
  const common = { method, numClasses: classes.length };
  return transformer ? { ...common, transformer } : { ...common, convolutional: 'mobilenet-v2' };
}

export interface ClassifierModel {
  readonly card: ClassifierCard;
  readonly weights: ReadonlyMap<string, Float32Array>;
}

const CARD = 'classifier.json';
const WEIGHTS = 'weights.safetensors';
const FORMAT = 'vesalius-classifier-1';

/** Writes the folder of a classifier whole or not at all. */
export async function writeClassifier(
  folder: string,
  card: Omit<ClassifierCard, 'format' | 'sha256'>,
  weights: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  const tensors = [...weights].map(([name, values]): [string, WeightTensor] => [
    name,
    { dtype: 'float32', shape: [values.length], data: Float32Array.from(values) },
  ]);
  const bytes = writeSafetensors(new Map(tensors), { format: FORMAT });
  const written: ClassifierCard = { format: FORMAT, ...card, sha256: sha256(bytes) };
  await writeFolderAtomic(folder, {
    replaceIfHolding: [CARD, WEIGHTS],
    fill: async (inside) => {
      await writeFile(join(inside, WEIGHTS), bytes);
      await writeFile(join(inside, CARD), `${JSON.stringify(written, null, 2)}\n`);
    },
  });
}

/** @throws FILE_FORMAT for another folder, HASH_MISMATCH when the weights are not those of the card */
export async function readClassifier(folder: string): Promise<ClassifierModel> {
  const file = join(folder, CARD);
  const card = (await readJsonFile(file)) as ClassifierCard | null;
  if (card?.format !== FORMAT)
    throw new VesaliusError('FILE_FORMAT', { what: 'classifier', got: card?.format, expected: FORMAT, file });
  const bytes = await readFileBytes(join(folder, WEIGHTS));
  if (sha256(bytes) !== card.sha256)
    throw new VesaliusError('HASH_MISMATCH', {
      what: WEIGHTS,
      got: sha256(bytes),
      expected: card.sha256,
      file: folder,
    });
  const { tensors } = readSafetensors(bytes, WEIGHTS);
  return { card, weights: new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array])) };
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileBytes, readJsonFile, sha256, writeFolderAtomic } from '@vesalius/bundle/files';
import {
  readSafetensors,
  type TensorValue,
  toOnnx,
  type WeightMap,
  withValues,
  writeOnnx,
  writeSafetensors,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { type DetectionFigures, type DetectorSetup, detectorGraph } from '@vesalius/medical';

/** All that is needed to ask a detector, and to tell what it was made of. */
export interface DetectorCard {
  readonly format: 'vesalius-detector-1';
  readonly setup: DetectorSetup;
  readonly training: {
    readonly steps: number;
    readonly seed: number;
    readonly scans: number;
    readonly findings: number;
  };
  /** First digits of the hashes of the scans it was trained on, by which an evaluation knows them again. */
  readonly trainedOn: readonly string[];
  /** On the patients set aside. */
  readonly validation: Omit<DetectionFigures, 'curve'>;
  readonly sha256: string;
}

export interface DetectorModel {
  readonly card: DetectorCard;
  readonly weights: ReadonlyMap<string, TensorValue>;
}

const CARD = 'detector.json';
const WEIGHTS = 'weights.safetensors';
const MODEL = 'model.onnx';
const FORMAT = 'vesalius-detector-1';

/** Writes the folder of a detector whole or not at all: card, weights, and one window as ONNX. */
export async function writeDetector(
  folder: string,
  card: Omit<DetectorCard, 'format' | 'sha256'>,
  weights: ReadonlyMap<string, TensorValue>,
): Promise<void> {
  const bytes = writeSafetensors(weights as WeightMap, { format: FORMAT });
  const written: DetectorCard = { format: FORMAT, ...card, sha256: sha256(bytes) };
  const model = writeOnnx(withValues(toOnnx(detectorGraph(card.setup).outputs), weights));
  await writeFolderAtomic(folder, {
    replaceIfHolding: [CARD, WEIGHTS, MODEL],
    fill: async (inside) => {
      await writeFile(join(inside, WEIGHTS), bytes);
      await writeFile(join(inside, MODEL), model);
      await writeFile(join(inside, CARD), `${JSON.stringify(written, null, 2)}\n`);
    },
  });
}

/** @throws FILE_FORMAT for another folder, HASH_MISMATCH when the weights are not those of the card */
export async function readDetector(folder: string): Promise<DetectorModel> {
  const file = join(folder, CARD);
  const card = (await readJsonFile(file)) as DetectorCard | null;
  if (card?.format !== FORMAT)
    throw new VesaliusError('FILE_FORMAT', { what: 'detector', got: card?.format, expected: FORMAT, file });
  const bytes = await readFileBytes(join(folder, WEIGHTS));
  const got = sha256(bytes);
  if (got !== card.sha256)
    throw new VesaliusError('HASH_MISMATCH', { what: WEIGHTS, got, expected: card.sha256, file: folder });
  return { card, weights: readSafetensors(bytes, WEIGHTS).tensors as unknown as ReadonlyMap<string, TensorValue> };
}

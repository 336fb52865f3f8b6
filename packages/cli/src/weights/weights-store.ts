import { homedir } from 'node:os';
import { join } from 'node:path';
import { listFolder, readFileBytes, readJsonFile, sha256, writeFileAtomic } from '@vesalius/bundle/files';
import { readSafetensors, type WeightMap, writeSafetensors } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  KNOWN_WEIGHTS,
  type KnownWeights,
  type PretrainedNetwork,
  recognizeNetwork,
  type VisionTransformerOptions,
} from '@vesalius/medical';
import { readWeightFile } from './read-weight-file.ts';

/** What stands beside imported weights. */
export interface WeightsCard extends Omit<KnownWeights, 'sha256' | 'supervision'> {
  readonly kind: PretrainedNetwork['kind'];
  /** Of a vision transformer. */
  readonly options?: VisionTransformerOptions;
  readonly parameters: number;
  readonly supervision: string;
  /** Of the file they came from. */
  readonly original: { readonly file: string; readonly sha256: string };
  /** Of the file as it is kept. */
  readonly sha256: string;
  /** Parts of the file that are not of the network. */
  readonly leftOut: readonly string[];
}

export interface ImportOptions {
  readonly name?: string | undefined;
  readonly licence?: string | undefined;
  readonly heads?: number | undefined;
  readonly colours?: string | undefined;
}

/** Where imported weights are kept unless told otherwise: VESALIUS_WEIGHTS, or .vesalius/weights at home. */
export function weightsFolder(): string {
  return process.env['VESALIUS_WEIGHTS'] ?? join(homedir(), '.vesalius', 'weights');
}

const UNKNOWN = 'unknown';

/**
 * Takes the weights of a file in under their own names and in one format.
 *
 * @throws the errors of the file's format, FILE_UNSUPPORTED for another network, INVALID_ARGUMENT when nothing tells its name
 */
export async function importWeights(folder: string, file: string, options: ImportOptions): Promise<WeightsCard> {
  const { weights, hash } = await readWeightFile(file);
  const known = KNOWN_WEIGHTS.find(({ name, sha256: own }) => (options.name ? name === options.name : own === hash));
  const name = options.name ?? known?.name;
  if (name === undefined || !/^[\w.-]+$/.test(name))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: '--name',
      got: name ?? 'a file that is not known by its hash',
      expected: 'letters, digits, dots, dashes and underscores',
      file,
    });
  const network = recognizeNetwork(weights, options.heads === undefined ? {} : { numHeads: options.heads });
  const bytes = writeSafetensors(network.weights, { name, kind: network.kind });
  const card: WeightsCard = {
    name,
    kind: network.kind,
    ...(network.kind === 'vision-transformer' && { options: network.options }),
    parameters: [...network.weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    what: known?.what ?? UNKNOWN,
    supervision: known?.supervision ?? UNKNOWN,
    licence: options.licence ?? known?.licence ?? UNKNOWN,
    source: known?.source ?? UNKNOWN,
    colours: (options.colours ?? known?.colours) === 'half' ? 'half' : 'imagenet',
    original: { file: file.replace(/^.*[/\\]/, ''), sha256: hash },
    sha256: sha256(bytes),
    leftOut: network.leftOut,
  };
  await writeFileAtomic(join(folder, `${name}.safetensors`), bytes);
  await writeFileAtomic(join(folder, `${name}.json`), `${JSON.stringify(card, null, 2)}\n`);
  return card;
}

/** Cards of all weights of a folder, by name; none where there is no folder yet. */
export async function listWeights(folder: string): Promise<WeightsCard[]> {
  const { files } = await listFolder(folder).catch(() => ({ files: [] }));
  return Promise.all(
    files.filter((file) => file.endsWith('.json')).map((file) => readCard(folder, file.slice(0, -'.json'.length))),
  );
}

async function readCard(folder: string, name: string): Promise<WeightsCard> {
  const file = join(folder, `${name}.json`);
  const card = (await readJsonFile(file)) as Partial<WeightsCard> | null;
  if (card?.name !== name || typeof card.sha256 !== 'string' || !card.kind)
    throw new VesaliusError('FILE_FORMAT', { what: 'card of weights', got: card?.name, expected: name, file });
  return card as WeightsCard;
}

export interface StoredWeights {
  readonly card: WeightsCard;
  readonly weights: WeightMap;
}

/** @throws FILE_NOT_FOUND where nothing of the name was imported, HASH_MISMATCH when the file has changed since */
export async function readStoredWeights(folder: string, name: string): Promise<StoredWeights> {
  const card = await readCard(folder, name);
  const file = join(folder, `${name}.safetensors`);
  const bytes = await readFileBytes(file);
  const hash = sha256(bytes);
  if (hash !== card.sha256)
    throw new VesaliusError('HASH_MISMATCH', { what: `weights ${name}`, got: hash, expected: card.sha256, file });
  return { card, weights: readSafetensors(bytes, file).tensors };
}

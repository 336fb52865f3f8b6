import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@vesalius/engine';
import { compose, cropForeground, normalizeChannels, type Sample, stackChannels } from '@vesalius/medical';
import { readVolume, spacingMm, type Volume } from '@vesalius/volume';

/** Where a data set keeps its modalities, in one order, and which classes its label map tells apart. */
export interface ModalityData {
  readonly folder: string;
  /** Names of files without their ending. */
  readonly modalities: readonly string[];
  readonly label: string;
  /** By class number. */
  readonly values: readonly number[];
  /** What is measured: the class numbers that make up each region. */
  readonly regions: Readonly<Record<string, readonly number[]>>;
}

export const TUMOUR: ModalityData = {
  folder: 'brats18_2mm',
  modalities: ['t1', 't1ce', 't2', 'flair'],
  label: 'seg',
  values: [0, 1, 2, 4],
  regions: { whole: [1, 2, 3], core: [1, 3], enhancing: [3] },
};

export interface ModalityCase {
  readonly id: string;
  /** `image`, a channel a modality, and `label`, cut to the brain. */
  readonly sample: Sample;
}

/** All patients of a data set, by name: cut to what is not empty, each modality to zero mean and unit deviation within the brain. */
export async function readModalityCases(data: string, set: ModalityData): Promise<ModalityCase[]> {
  const root = join(data, set.folder);
  const ids = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  return Promise.all(ids.map(async (id) => ({ id, sample: await readCase(join(root, id), set) })));
}

async function readCase(folder: string, { modalities, label, values }: ModalityData): Promise<Sample> {
  const volumes = await Promise.all(modalities.map((name) => read(join(folder, `${name}.nii.gz`))));
  const truth = await read(join(folder, `${label}.nii.gz`));
  const { data, shape } = stackChannels(volumes);
  const spacing = spacingMm(truth);
  const numbers = Uint8Array.from(truth.voxels as Uint8Array, (value) => values.indexOf(Number(value)));
  const whole: Sample = {
    images: { image: { data, shape, spacingMm: spacing } },
    labels: { label: { data: numbers, shape: [1, shape[1], shape[2], shape[3]], spacingMm: spacing } },
  };
  const cut = compose([cropForeground({ sourceKey: 'image' })]).apply(whole, new Random(0)).sample;
  const image = cut.images['image'] as Sample['images'][string];
  const rule = { kind: 'robust-z-score', nonZeroOnly: true, clipPercentiles: [0.5, 99.5] } as const;
  const normalized = normalizeChannels(
    image,
    modalities.map(() => rule),
  );
  return { ...cut, images: { image: { ...image, data: normalized } } };
}

const read = (file: string): Promise<Volume> => readVolume(readFileSync(file), file);

/** Only some of the modalities of a case. */
export function withModalities({ sample }: ModalityCase, chosen: readonly number[]): Sample {
  const image = sample.images['image'] as Sample['images'][string];
  const [, ...size] = image.shape;
  const voxels = size.reduce((product, length) => product * length, 1);
  const data = new Float32Array(chosen.length * voxels);
  for (const [i, m] of chosen.entries()) data.set(image.data.subarray(m * voxels, (m + 1) * voxels), i * voxels);
  return { ...sample, images: { image: { ...image, data, shape: [chosen.length, ...size] } } };
}

import { join } from 'node:path';
import type { BundleContents, BundleManifest, OpenBundle } from '@vesalius/bundle';
import { readFileBytes } from '@vesalius/bundle/files';
import type { Split, TrainingPlan } from '@vesalius/medical';
import { programVersions } from '../program-version.ts';
import { type CaseFigures, figuresCsv, readFiguresCsv, summarizeFigures } from './evaluate-model.ts';

interface EnsembleDescription {
  readonly description: Pick<BundleContents, 'manifest' | 'metadata'>;
  /** Each member on the cases it has not seen. */
  readonly cases: string;
}

/** What an ensemble says of itself, from what its members say. */
export async function describeEnsemble(
  plan: TrainingPlan,
  members: readonly OpenBundle[],
): Promise<EnsembleDescription> {
  const manifests = members.map(({ manifest }) => manifest);
  const [first] = manifests as [BundleManifest];
  const figures = (await Promise.all(members.map(figuresOf))).flat();
  const classNames = plan.classes.slice(1).map(({ name }) => name);
  const { roiShape, overlap } = plan.inferer.value;
  const kept = first.processing.keepLargest.filter((value) =>
    manifests.every(({ processing }) => processing.keepLargest.includes(value)),
  );
  const manifest: BundleManifest = {
    ...first,
    name: `${first.name}-ensemble`,
    created: new Date().toISOString(),
    processing: { ...first.processing, roiShape, overlap, keepLargest: kept },
    split: splitOf(manifests),
    versions: programVersions(),
    recipe: {
      name: 'ensemble',
      members: members.map(({ manifest: { name, seed, split } }) => ({ name, seed, split })),
    },
    plan,
    training: {
      steps: sumOf(manifests, ({ training }) => training.steps),
      seconds: sumOf(manifests, ({ training }) => training.seconds),
      history: [],
    },
    metrics: summarizeFigures(figures, classNames),
    largestComponentTrials: [],
    parent: null,
    privacyLedger: manifests.flatMap(({ privacyLedger }) => privacyLedger),
  };
  const metadata = {
    description: `The mean of ${members.length} models trained on ${first.data.name}; figures are of each on cases it has not seen`,
    authors: 'trained with Vesalius',
    copyright: 'as chosen by the owner of the training',
    intendedUse: 'Research; not for diagnosis.',
    inputName: 'image',
    outputName: 'labels',
    output: 'labels',
  } as const;
  return { description: { manifest, metadata }, cases: figuresCsv(figures, classNames) };
}

/** Unseen is what no member was trained on. */
function splitOf(manifests: readonly BundleManifest[]): Split {
  const trained = new Set(manifests.flatMap(({ split }) => split.training));
  const all = new Set(manifests.flatMap(({ split }) => split.validation));
  return { training: [...trained].sort(), validation: [...all].filter((id) => !trained.has(id)).sort() };
}

async function figuresOf({ folder }: OpenBundle): Promise<CaseFigures[]> {
  return readFiguresCsv(new TextDecoder().decode(await readFileBytes(join(folder, 'docs/cases.csv'))));
}

const sumOf = (manifests: readonly BundleManifest[], of: (manifest: BundleManifest) => number): number =>
  manifests.reduce((sum, manifest) => sum + of(manifest), 0);

import { initialValues, type WeightMap, writeOnnx, writeSafetensors } from '@vesalius/engine';
import {
  buildPredictionGraph,
  divisorOfPlan,
  fingerprintOf,
  imageModel,
  planTraining,
  setupOfPlan,
  sizeOfShape,
  summarizeCase,
  withClicks,
} from '@vesalius/medical';
import { METHOD_NETWORKS, planNetwork } from '@vesalius/methods';
import { createVolume } from '@vesalius/volume';
import type { BundleManifest } from '../bundle/manifest.ts';
import { signingKey } from '../bundle/signing-key.ts';
import { writeBundle } from '../bundle/write-bundle.ts';

interface TinyBundleOptions {
  readonly name?: string;
  /** Where the key lies that signs it. */
  readonly keys: string;
  readonly more?: Readonly<Record<string, string>>;
  readonly interactive?: boolean;
  /** As `vesalius train --network`; the planned one by default. */
  readonly network?: string;
  /** Default one, `T1`. */
  readonly channels?: readonly string[];
  /** Its class, and what is said of the bundle; default harmless words. */
  readonly words?: { readonly label: string; readonly description: string };
}

const WORDS = { label: 'spot', description: 'A test.' };

/** A signed bundle of an untrained network, for scans of 16 voxels a side: it answers, whatever that means. */
export async function writeTinyBundle(
  folder: string,
  {
    name = 'tiny',
    keys,
    more = {},
    interactive = false,
    network,
    channels: roles = ['T1'],
    words = WORDS,
  }: TinyBundleOptions,
): Promise<void> {
  const labels = ['background', words.label].map((label, value) => ({ name: label, value }));
  const channels = roles.map((role) => ({ name: role }));
  const scan = createVolume({ voxels: Float32Array.from({ length: 16 ** 3 }, (_, i) => i % 251), size: [16, 16, 16] });
  const planned = planTraining(
    fingerprintOf([summarizeCase({ id: 'a', channels: roles.map(() => scan) })], { name, channels, labels }),
  );
  const built = network === undefined ? planned : planNetwork(planned, network);
  const plan = interactive ? withClicks(built) : built;
  const setup = setupOfPlan(plan, METHOD_NETWORKS);
  const weights = initialValues(buildPredictionGraph(setup, setup.patchSize).variables, 5);
  const model = imageModel({
    network: setup.network,
    interaction: setup.interaction,
    normalization: plan.normalization.value,
    classValues: [0, 1],
    smallestSize: sizeOfShape(plan.patchShape.value),
    divisor: divisorOfPlan(plan),
    weights,
  });
  const manifest: BundleManifest = {
    format: 'vesalius-manifest/1',
    name,
    version: '0.1.0',
    created: '2026-01-01T00:00:00.000Z',
    task: 'segmentation',
    channels,
    classes: labels,
    processing: {
      orientation: 'LPS',
      spacingMm: [1, 1, 1],
      normalization: plan.normalization.value,
      normalizationInside: true,
      roiShape: plan.inferer.value.roiShape,
      overlap: 0.5,
      keepLargest: [],
    },
    data: { name, layout: 'images-labels', files: [] },
    split: { training: ['a'], validation: ['b'] },
    seed: 5,
    versions: {},
    recipe: { gate: { metric: 'dice', low: 0.9, why: 'a test' } },
    plan,
    training: { steps: 0, seconds: 0, history: [] },
    metrics: [{ name: 'dice', estimate: 0.5, low: 0.4, high: 0.6, confidence: 0.95, cases: 1 }],
    largestComponentTrials: [],
    parent: null,
    ...(plan.interaction && { interaction: plan.interaction.value }),
    privacyLedger: [],
  };
  const metadata = {
    description: words.description,
    authors: 'nobody',
    copyright: 'nobody',
    intendedUse: 'Tests.',
    inputName: 'image',
    outputName: 'label',
    output: 'labels',
  } as const;
  const weightFile = writeSafetensors(weights as WeightMap);
  const contents = { model: writeOnnx(model), weights: weightFile, manifest, metadata, more };
  await writeBundle(folder, contents, await signingKey(keys));
}

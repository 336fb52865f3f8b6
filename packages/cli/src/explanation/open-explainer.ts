import { join } from 'node:path';
import { type OpenBundle, openAttentionReader, openGateReader } from '@vesalius/bundle';
import { VesaliusError } from '@vesalius/errors';
import { nameOfNetwork, type VolumePredictor } from '@vesalius/medical';
import type { Volume } from '@vesalius/volume';
import { stemOf } from '../datasets/layouts/file-names.ts';
import { weighModalities } from './weigh-modalities.ts';
import { writeGateMaps } from './write-gate-maps.ts';
import { writeModalityWeights } from './write-modality-weights.ts';

export interface ExplainedScan {
  /** File name of the label map. */
  readonly name: string;
  readonly channels: readonly Volume[];
  readonly labels: Volume<Uint8Array>;
}

/** Writes, for a scan that was predicted, what led to the answer. */
export interface Explainer {
  explain(scan: ExplainedScan): Promise<void>;
  close(): Promise<void>;
}

interface ExplainerOptions {
  readonly bundle: OpenBundle;
  readonly predictor: VolumePredictor;
  /** Gets a folder a scan. */
  readonly folder: string;
  readonly threads: number;
  readonly signal: AbortSignal;
}

/**
 * Gates of a TransUNet++, modalities of an mmFormer or a disentangled network.
 *
 * @throws FILE_UNSUPPORTED for a model that has neither
 */
export async function openExplainer(options: ExplainerOptions): Promise<Explainer> {
  const { value } = options.bundle.manifest.plan.network;
  const explainer = value.name === 'Method' ? EXPLAINERS[value.method] : undefined;
  if (explainer) return explainer(options);
  throw new VesaliusError('FILE_UNSUPPORTED', {
    what: 'explanation of a network',
    got: nameOfNetwork(value),
    expected: 'a TransUNet++ with gates and transformer, an mmFormer or a disentangled network',
  });
}

const EXPLAINERS: Readonly<Record<string, (options: ExplainerOptions) => Promise<Explainer>>> = {
  TransUNetPlusPlus: async ({ bundle, folder, signal, ...options }) => {
    const reader = await openGateReader(bundle, options);
    return {
      explain: async ({ name, channels }) => {
        const maps = await reader.read(channels, { signal });
        await writeGateMaps(join(folder, stemOf(name)), { channels, name, maps });
      },
      close: () => reader.close(),
    };
  },
  MmFormer: explainModalities,
  Disentangled: explainModalities,
};

async function explainModalities({
  bundle,
  predictor,
  folder,
  signal,
  ...options
}: ExplainerOptions): Promise<Explainer> {
  const reader = await openAttentionReader(bundle, options);
  const { channels: named, plan } = bundle.manifest;
  const names = named.map(({ name }) => name);
  return {
    explain: async ({ name, ...scan }) => {
      const weighed = { ...scan, names, classes: plan.classes };
      const weights = await weighModalities(weighed, { predictor, reader, signal });
      await writeModalityWeights(join(folder, stemOf(name)), { name, scan: weighed, weights });
    },
    close: () => reader.close(),
  };
}

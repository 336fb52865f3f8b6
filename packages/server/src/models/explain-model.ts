import { availableParallelism } from 'node:os';
import { type BundleManifest, type OpenBundle, openAttentionReader, openGateReader } from '@vesalius/bundle';
import { VesaliusError } from '@vesalius/errors';
import type { Volume } from '@vesalius/volume';
import type { ExplanationMap, Model } from './model-registry.ts';

/** What can be shown of how a bundle's model comes to an answer. */
export function explainsOf({ plan }: Pick<BundleManifest, 'plan'>): Model['explains'] {
  const { value } = plan.network;
  if (value.name !== 'Method') return undefined;
  const { gate, transformer } = value.options;
  if (value.method === 'TransUNetPlusPlus' && gate === true && transformer === true) return 'gates';
  return value.method === 'MmFormer' || value.method === 'Disentangled' ? 'modalities' : undefined;
}

/**
 * Maps of what a model weighed on a scan, 0 to 1: the transformer's share at every gate, or the share of every channel.
 *
 * @throws FILE_UNSUPPORTED for a model that has neither
 */
export async function explainModel(
  bundle: OpenBundle,
  channels: readonly Volume[],
  signal?: AbortSignal,
): Promise<ExplanationMap[]> {
  const explains = explainsOf(bundle.manifest);
  const options = { threads: availableParallelism() };
  const asked = signal ? { signal } : {};
  if (explains === 'gates') {
    const reader = await openGateReader(bundle, options);
    const maps = await reader.read(channels, asked).finally(() => reader.close());
    return maps.map(({ node, places }) => ({ name: `Gate ${node}`, volume: places }));
  }
  if (explains === 'modalities') {
    const reader = await openAttentionReader(bundle, options);
    const maps = await reader.read(channels, asked).finally(() => reader.close());
    return maps.map((volume, i) => ({ name: `Share ${bundle.manifest.channels[i]?.name ?? i}`, volume }));
  }
  throw new VesaliusError('FILE_UNSUPPORTED', {
    what: 'explanation of a model',
    expected: 'gates, or modalities apart',
  });
}

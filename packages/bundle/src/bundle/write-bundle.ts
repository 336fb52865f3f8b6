import type { KeyObject } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { assertReplaceable, settleLeftovers, writeFolderAtomic } from '../files/write-atomic.ts';
import { type BundleMetadataOptions, bundleMetadata } from './bundle-metadata.ts';
import type { BundleManifest } from './manifest.ts';
import { modelCard } from './model-card.ts';
import { signFolder } from './signature.ts';

export interface BundleContents {
  /** `model.onnx` */
  readonly model: Uint8Array;
  /** `weights.safetensors` */
  readonly weights: Uint8Array;
  readonly manifest: BundleManifest;
  readonly metadata: BundleMetadataOptions;
  /** Text of the licence the model is given under. */
  readonly licence?: string;
  /** Further files by their path inside the bundle: `docs/report.html`. */
  readonly more?: Readonly<Record<string, Uint8Array | string>>;
}

const NO_LICENCE = 'No licence has been chosen for this model: it may not be passed on until its owner chooses one.\n';

/**
 * Writes a signed model bundle. The folder is there whole or not at all; a former bundle of the name is replaced.
 *
 * @throws DISK_FULL, WRITE_FAILED
 */
export async function writeBundle(folder: string, contents: BundleContents, key: KeyObject): Promise<void> {
  const fill = async (inside: string) => {
    for (const [path, data] of Object.entries(filesOf(contents))) {
      await mkdir(dirname(join(inside, path)), { recursive: true });
      await writeFile(join(inside, path), data);
    }
    await signFolder(inside, key);
  };
  await writeFolderAtomic(folder, { fill, replaceIfHolding: MARKS });
}

/** What tells a bundle from other folders when it is to be written again. */
const MARKS = ['manifest.json', 'signature.json'];

/**
 * Makes sure that a bundle can be written there, before the hours of its training; settles what a killed program left.
 *
 * @throws WRITE_FAILED when something else is in the way
 */
export async function makeWayForBundle(folder: string): Promise<void> {
  await settleLeftovers(folder);
  await assertReplaceable(folder, MARKS);
}

function filesOf({
  model,
  weights,
  manifest,
  metadata,
  licence,
  more,
}: BundleContents): Record<string, Uint8Array | string> {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return {
    ...more,
    'model.onnx': model,
    'weights.safetensors': weights,
    'manifest.json': json(manifest),
    'configs/metadata.json': json(bundleMetadata(manifest, metadata)),
    'docs/README.md': modelCard(manifest, metadata),
    LICENSE: licence ?? NO_LICENCE,
  };
}

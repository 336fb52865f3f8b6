import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import type { FileRecord } from '../files/file-record.ts';
import { readFileBytes, readJsonFile } from '../files/read-files.ts';
import type { BundleManifest } from './manifest.ts';
import { type VerifiedBundle, verifyBundle } from './signature.ts';

export interface ReadBundleOptions {
  /** Whose bundles to take; anyone's by default. */
  readonly keyFingerprints?: readonly string[];
}

export interface OpenBundle extends VerifiedBundle {
  readonly folder: string;
  readonly manifest: BundleManifest;
  readModel(): Promise<Uint8Array<ArrayBuffer>>;
  readWeights(): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Opens a model bundle after verifying its signature and every file.
 *
 * @throws as `verifyBundle`
 */
export async function readBundle(folder: string, { keyFingerprints }: ReadBundleOptions = {}): Promise<OpenBundle> {
  const verified = await verifyBundle(folder, keyFingerprints);
  const file = join(folder, 'manifest.json');
  const manifest = (await readJsonFile(file)) as BundleManifest;
  if (manifest?.format !== 'vesalius-manifest/1') {
    throw new VesaliusError('FILE_FORMAT', {
      what: 'manifest',
      got: manifest?.format,
      expected: 'vesalius-manifest/1',
      file,
    });
  }
  return {
    ...verified,
    folder,
    manifest,
    readModel: () => readFileBytes(join(folder, 'model.onnx')),
    readWeights: () => readFileBytes(join(folder, 'weights.safetensors')),
  };
}

/**
 * Makes sure that data are, file by file, those a model was trained on.
 *
 * @throws HASH_MISMATCH for the first file that differs, DATA_MISMATCH when files are missing
 */
export function assertSameFiles(recorded: readonly FileRecord[], found: readonly FileRecord[]): void {
  const hashes = new Map(found.map(({ path, sha256 }) => [path, sha256]));
  for (const { path: file, sha256: expected } of recorded) {
    const got = hashes.get(file);
    if (got === undefined)
      throw new VesaliusError('DATA_MISMATCH', { what: 'file that the model was trained on is missing', file });
    if (got !== expected) throw new VesaliusError('HASH_MISMATCH', { what: 'sha256', got, expected, file });
  }
}

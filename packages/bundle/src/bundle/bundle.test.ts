import { generateKeyPairSync } from 'node:crypto';
import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprintOf, planTraining, summarizeCase } from '@vesalius/medical';
import { affineFromSpacing, createVolume } from '@vesalius/volume';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { canonicalJson } from './canonical-json.ts';
import type { BundleManifest } from './manifest.ts';
import { modelCard } from './model-card.ts';
import { assertSameFiles, readBundle } from './read-bundle.ts';
import { verifyBundle } from './signature.ts';
import { signingKey } from './signing-key.ts';
import { type BundleContents, writeBundle } from './write-bundle.ts';

const labels = [
  { value: 0, name: 'background' },
  { value: 1, name: 'lesion' },
];
const channels = [{ name: 'T1' }];
const scan = createVolume({
  voxels: new Float32Array(8 ** 3).map((_, i) => i),
  size: [8, 8, 8],
  voxelToLps: affineFromSpacing([1, 1, 2]),
});
const plan = planTraining(
  fingerprintOf([summarizeCase({ id: 'a', channels: [scan] })], { name: 'toy', channels, labels }),
);
const manifest: BundleManifest = {
  format: 'vesalius-manifest/1',
  name: 'toy',
  version: '0.1.0',
  created: '2026-01-01T00:00:00.000Z',
  task: 'segmentation',
  channels,
  classes: labels,
  processing: {
    orientation: 'LPS',
    spacingMm: [1, 1, 2],
    normalization: plan.normalization.value,
    normalizationInside: true,
    roiShape: [8, 8, 8],
    overlap: 0.5,
    keepLargest: [],
  },
  data: { name: 'toy', layout: 'images-labels', files: [{ path: 'images/a.nii', bytes: 3, sha256: 'ab' }] },
  split: { training: ['a'], validation: ['b'] },
  seed: 7,
  versions: { vesalius: '0.1.0', onnxruntime: '1.30.0' },
  recipe: {},
  plan,
  training: { steps: 10, seconds: 3, history: [{ step: 10, seconds: 3, loss: 0.5, dice: 0.8 }] },
  metrics: [{ name: 'dice', estimate: 0.81234, low: 0.7, high: 0.9, confidence: 0.95, cases: 1 }],
  largestComponentTrials: [],
  parent: null,
  privacyLedger: [],
};
const contents: BundleContents = {
  model: Uint8Array.of(1, 2, 3),
  weights: Uint8Array.of(4, 5),
  manifest,
  metadata: {
    description: 'Finds lesions.',
    authors: 'A. Person',
    copyright: 'A. Person',
    intendedUse: 'Research.',
    inputName: 'image',
    outputName: 'label',
    output: 'labels',
  },
  more: { 'docs/report.html': '<!doctype html>' },
};

async function bundleIn(folder: string): Promise<string> {
  const path = join(folder, 'toy');
  await writeBundle(path, contents, await signingKey(join(folder, 'keys')));
  return path;
}

test('reads back what it wrote, verified', async () => {
  using folder = temporaryFolder();
  const bundle = await readBundle(await bundleIn(folder.path));
  expect(bundle.manifest).toEqual(manifest);
  expect(new Uint8Array(await bundle.readModel())).toEqual(contents.model);
  expect(Object.keys(bundle.files)).toEqual([
    'LICENSE',
    'configs/metadata.json',
    'docs/README.md',
    'docs/report.html',
    'manifest.json',
    'model.onnx',
    'weights.safetensors',
  ]);
  expect((await readdir(folder.path)).toSorted()).toEqual(['keys', 'toy']);
});

test('keeps the signing key to its owner and uses it again', async () => {
  using folder = temporaryFolder();
  const first = await signingKey(folder.path);
  expect((await signingKey(folder.path)).equals(first)).toBe(true);
  expect((await stat(join(folder.path, 'signing-key.pem'))).mode & 0o777).toBe(0o600);
  await writeFile(join(folder.path, 'signing-key.pem'), 'nonsense');
  await expect(signingKey(folder.path)).rejects.toThrow('FILE_FORMAT: signing key');
});

test.each<[string, string, (bundle: string) => Promise<void>]>([
  ['a changed file', 'HASH_MISMATCH', (bundle) => appendFile(join(bundle, 'model.onnx'), 'x')],
  ['a missing file', 'FILE_NOT_FOUND', (bundle) => rm(join(bundle, 'LICENSE'))],
  ['an added file', 'SIGNATURE_INVALID: file that is not signed', (bundle) => writeFile(join(bundle, 'docs/x'), '')],
  ['a missing signature', 'FILE_NOT_FOUND', (bundle) => rm(join(bundle, 'signature.json'))],
  [
    'a hash changed in the signature too',
    'SIGNATURE_INVALID: signature of the bundle',
    async (bundle) => {
      const file = join(bundle, 'signature.json');
      const signature = JSON.parse(await readFile(file, 'utf8'));
      signature.files['model.onnx'] = '0'.repeat(64);
      await writeFile(file, JSON.stringify(signature));
    },
  ],
])('refuses %s', async (_, message, change) => {
  using folder = temporaryFolder();
  const bundle = await bundleIn(folder.path);
  await change(bundle);
  await expect(verifyBundle(bundle)).rejects.toThrow(message);
});

test('refuses the key of somebody who is not trusted', async () => {
  using folder = temporaryFolder();
  const bundle = await bundleIn(folder.path);
  const { keyFingerprint } = await verifyBundle(bundle);
  await expect(verifyBundle(bundle, [keyFingerprint])).resolves.toBeDefined();
  await writeBundle(bundle, contents, generateKeyPairSync('ed25519').privateKey);
  await expect(verifyBundle(bundle, [keyFingerprint])).rejects.toThrow('SIGNATURE_INVALID: key of the bundle');
});

test('writes every field the MONAI bundle schema requires', async () => {
  using folder = temporaryFolder();
  const metadata = JSON.parse(await readFile(join(await bundleIn(folder.path), 'configs/metadata.json'), 'utf8'));
  const required = [
    'version',
    'monai_version',
    'pytorch_version',
    'numpy_version',
    'required_packages_version',
    'task',
  ];
  expect(Object.keys(metadata)).toEqual(expect.arrayContaining([...required, 'description', 'authors', 'copyright']));
  const tensor = [
    'type',
    'format',
    'num_channels',
    'spatial_shape',
    'dtype',
    'value_range',
    'is_patch_data',
    'channel_def',
  ];
  expect(Object.keys(metadata.network_data_format.inputs.image)).toEqual(expect.arrayContaining(tensor));
  expect(Object.keys(metadata.network_data_format.outputs.label)).toEqual(expect.arrayContaining(tensor));
});

test('the model card gives results with their intervals', async () => {
  using folder = temporaryFolder();
  const card = await readFile(join(await bundleIn(folder.path), 'docs/README.md'), 'utf8');
  expect(card).toContain('| dice | mean | 0.8123 | 0.7 to 0.9 | 1 |');
  expect(card).not.toContain('undefined');
});

test('names the data file that is not the one trained on', () => {
  const file = { path: 'a', bytes: 1, sha256: 'x' };
  expect(() => assertSameFiles([file], [{ ...file, sha256: 'y' }])).toThrow(
    'HASH_MISMATCH: sha256, got y, expected x (a)',
  );
  expect(() => assertSameFiles([file], [])).toThrow('DATA_MISMATCH');
  expect(() => assertSameFiles([file], [file, { ...file, path: 'more' }])).not.toThrow();
});

test('canonical JSON does not depend on the order of keys and parses to the same value', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the card names the classes of which only the largest component is kept, and why', () => {
  const trials = [{ value: 1, dice: 0.8, diceOfLargest: 0.9, applied: true }];
  const card = modelCard({ ...manifest, largestComponentTrials: trials }, contents.metadata);
  expect(card).toContain(`${labels[1]?.name} (Dice 0.8 to 0.9)`);
  expect(modelCard(manifest, contents.metadata)).not.toContain('largest component');
});

import { expect, test } from 'vitest';
import { importClosure } from './import-closure.ts';

test('holds what an entry imports, also through doors of packages, and nothing that is only beside it', () => {
  const files = importClosure(['bench/compare/modality-runs.ts']);
  for (const file of [
    'bench/compare/modality-runs.ts',
    'bench/compare/modality-methods.ts',
    'packages/methods/src/mm-former/cross-modal.ts',
    'packages/medical/src/metrics/dice.ts',
    'packages/engine/src/ops/lowering/softmax.ts',
    'packages/engine/src/runtime/session.ts',
    'node_modules/onnxruntime-node/package.json',
  ])
    expect(files).toContain(file);
  expect(
    files.filter((file) => /contrastive|vit-transfer|dicom|trans-unet|classification|\/index\.ts$/.test(file)),
  ).toEqual([]);
});

test('leaves types out: what is only said about values decides none', () => {
  expect(importClosure(['bench/compare/modality-splits.ts'])).not.toContain('bench/compare/modality-runs.ts');
});

test('follows a name that a door gives by another one, and a whole namespace', () => {
  const files = importClosure(['packages/methods/src/disentangle/gradient-reversal.ts']);
  expect(files).toContain('packages/engine/src/ops/convolution.ts');
  expect(files).not.toContain('packages/engine/src/runtime/compile.ts');
});

test('refuses an entry that is not there', () => {
  expect(() => importClosure(['bench/nothing.ts'])).toThrow('ENOENT');
});

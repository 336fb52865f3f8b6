import { expect, test } from 'vitest';
import { importsOf, packageOf } from './imports-of.ts';

test('finds static, type-only, side-effect, re-exporting and dynamic imports', () => {
  const source = `
import { a } from './a.ts';
import type {
  B,
} from '@vesalius/volume';
import 'side-effect';
export * from './c.ts';
export const text = 'from "nowhere"';
const late = await import('onnxruntime-node');
`;
  expect(importsOf(source)).toEqual(['./a.ts', '@vesalius/volume', 'side-effect', './c.ts', 'onnxruntime-node']);
});

test('names the package of a specifier', () => {
  expect(['@vesalius/volume/deep', 'vitest/config', './a.ts', 'node:fs'].map(packageOf)).toEqual([
    '@vesalius/volume',
    'vitest',
    undefined,
    undefined,
  ]);
});

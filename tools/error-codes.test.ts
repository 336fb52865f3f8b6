import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '@vesalius/errors';
import { expect, test } from 'vitest';
import { ROOT } from './root.ts';

const sources = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: ROOT }).filter((file) => !file.endsWith('.test.ts'));
const text = sources.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');

test('every code that a source throws stands in the table', () => {
  const thrown = [...text.matchAll(/\bVesaliusError\(\s*'([^']+)'/g)].map((match) => match[1]);
  expect(thrown.length).toBeGreaterThan(0);
  expect(thrown.filter((code) => !(code && code in ERROR_CODES))).toEqual([]);
});

test('docs/errors.md lists every code of the table with its exit status, and no other', () => {
  const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map((match) => [match[1], Number(match[2])]);
  expect(listed).toEqual(Object.entries(ERROR_CODES).map(([code, { exitStatus }]) => [code, exitStatus]));
});

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sealedFiles } from './sealed-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-sealed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const text = Buffer.from('a private key');

test('with a secret nothing of a file can be read on the disk, and without it or with another one it stays shut', async () => {
  const path = join(folder, 'below', 'key.pem');
  const files = sealedFiles('the secret of the settings');
  await files.write(path, text);
  expect(readFileSync(path).includes('private')).toBe(false);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(Buffer.from((await files.read(path)) ?? [])).toEqual(text);
  await expect(sealedFiles('another secret').read(path)).rejects.toThrow(/HASH_MISMATCH/);
  await expect(sealedFiles(undefined).read(path)).rejects.toThrow(/HASH_MISMATCH/);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await expect(files.read(path)).rejects.toThrow(/HASH_MISMATCH/);
});

test('a file that stood open before there was a secret can still be read', async () => {
  const path = join(folder, 'open');
  await sealedFiles(undefined).write(path, text);
  expect(Buffer.from((await sealedFiles('the secret of the settings').read(path)) ?? [])).toEqual(text);
  expect(await sealedFiles(undefined).read(join(folder, 'none'))).toBeUndefined();
});

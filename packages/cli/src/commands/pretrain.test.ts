import { existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng, Random, readSafetensors } from '@vesalius/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packFilms } from '../pretraining/pack-films.ts';
import { runPretrain } from './run-pretrain.ts';

let root = '';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'vesalius-pretrain-'));
  const random = new Random(1);
  for (let n = 0; n < 20; n++) {
    const data = new Uint8Array(48 * 48).map((_, i) => ((i % 48) * 5 + random.integer(20)) % 256);
    const file = join(root, `film-${String(n).padStart(2, '0')}.png`);
    writeFileSync(file, await encodePng({ width: 48, height: 48, channels: 1, data }));
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('a packing that was stopped in the midst of a film goes on where it was', async () => {
  const whole = await packFilms(root, join(root, 'whole'), { side: 40 });
  const all = await whole.read([0, 7, 19]);
  await whole.close();
  expect(statSync(join(root, 'whole.bin')).size).toBe(20 * 1600);
  truncateSync(join(root, 'whole.bin'), 7 * 1600 + 11);
  const again = await packFilms(root, join(root, 'whole'), { side: 40 });
  expect(await again.read([0, 7, 19])).toEqual(all);
  await again.close();
});

test('pretrain writes the encoder and a page; stopped, it goes on to the same encoder', async () => {
  const said: string[] = [];
  const pretrain = (out: string, signal: AbortSignal, onText = (_: string) => {}) =>
    runPretrain(
      {
        positionals: [root, join(root, out)],
        options: { method: 'anatomy', size: 32, batch: 8, steps: 50, seed: 3, threads: 1, shown: 12 },
      },
      { stdout: { write: (text) => said.push(text) }, stderr: { write: onText }, signal, json: true, cwd: root },
    );
  await pretrain('one', new AbortController().signal);
  const stop = new AbortController();
  const stopped = pretrain('two', stop.signal, () => setTimeout(() => stop.abort(), 300));
  await expect(stopped).rejects.toThrow(/INTERRUPTED/);
  expect(existsSync(join(root, 'two/encoder.safetensors'))).toBe(false);
  await pretrain('two', new AbortController().signal);
  const [one, two] = await Promise.all(
    ['one', 'two'].map(
      async (out) => readSafetensors(await readFile(join(root, out, 'encoder.safetensors')), out).tensors,
    ),
  );
  expect(two).toEqual(one);
  const page = await readFile(join(root, 'one/embedding.html'), 'utf8');
  expect(page).toContain('film-08.png');
  expect(page).not.toMatch(/https?:/);
});
